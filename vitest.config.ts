import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{protocol,main,preload,renderer,bench,scripts,test}/**/*.test.ts'],
    // Sockets and child processes are real in main's tests: two cores, two files at a time.
    maxWorkers: 2,
  },
});
