import { defineConfig } from 'playwright/test';
import type { EngineOption } from './fixtures/test.ts';

// Not a test: `npm run screenshots` makes the pictures of README and docs.
export default defineConfig<object, EngineOption>({
  testDir: 'screenshots',
  testMatch: /\.shot\.ts$/,
  outputDir: '../test-results/screenshots',
  workers: 1,
  reporter: [['list']],
  use: { engine: 'chromium' },
});
