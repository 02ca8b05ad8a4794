import { defineConfig } from 'vitest/config'

/**
 * Four projects: `unit` needs nothing but Node (and a private sshd where one is installed), `contracts`
 * runs one suite against every adapter, `e2e` drives the built command line against a real engine, `long`
 * does the same where it takes so long that `npm test` leaves it out.
 */
export default defineConfig({
  test: {
    // Tests of this project wait more than they compute.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/contracts/**', 'test/e2e/**', 'test/long/**'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'contracts',
          include: ['test/contracts/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
