import { defineConfig } from 'vitest/config';

// Tests import the built package from dist/, so that what is proven is what ships.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
