import { defineConfig } from 'vitest/config';

// Tests import the built package from dist/, so that what is proven is what ships.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Many wait most of the time, for trials that take as long as they take. None asks for a valid one.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
