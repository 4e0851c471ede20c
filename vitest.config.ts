import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // what installs something first has a command of its own: `npm run test:package`, `test:mcp`, `test:backends`
    exclude: [
      'tests/package/**',
      'tests/conformance/mcp/**',
      'tests/backends/**',
      'tests/bench/**',
    ],
    setupFiles: ['tests/setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
  },
})
