import { defineConfig } from 'vitest/config'

/** Tests against programs of others, which are installed for it; apart from `npm test`. */
export default defineConfig({
  test: {
    include: ['tests/conformance/mcp/**/*.test.ts'],
    globalSetup: ['tests/conformance/mcp/install.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 300_000,
    teardownTimeout: 20_000,
  },
})
