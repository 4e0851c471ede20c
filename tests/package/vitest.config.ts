import { defineConfig } from 'vitest/config'

/** Slow tests on the packed tarball, apart from `npm test`. */
export default defineConfig({
  test: {
    include: ['tests/package/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    teardownTimeout: 20_000,
  },
})
