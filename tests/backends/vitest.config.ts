import { defineConfig } from 'vitest/config'

/** Tests against real servers, whose URLs are in the environment: `npm run test:backends`. */
export default defineConfig({
  test: {
    include: ['tests/backends/**/*.test.ts'],
    globalSetup: ['tests/backends/servers.ts'],
    setupFiles: ['tests/setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
})
