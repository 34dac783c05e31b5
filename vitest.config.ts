import { defineConfig } from 'vitest/config';

const patience = { testTimeout: 60_000, hookTimeout: 60_000 };

// Tests import the built package from dist/, so that what is proven is what ships.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.alone.test.ts'],
          // Many wait most of the time, for trials that take as long as they take.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
          ...patience,
        },
      },
      {
        // These ask for valid measurements, so nothing else may run meanwhile.
        test: {
          name: 'alone',
          include: ['test/**/*.alone.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          ...patience,
        },
      },
    ],
  },
});
