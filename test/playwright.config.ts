import { defineConfig } from 'playwright/test';
import { engines, enginesRequired } from './fixtures/engines.ts';
import type { EngineOption } from './fixtures/test.ts';

// One project per engine: the same specs run on both, also where one is missing: they are then shown as skipped.
// Specs that need no engine of their own are in `once`.
const once = /\.once\.spec\.ts$/;

// Asked here as well, so that a name that is no engine ends the run before the first test.
enginesRequired();

export default defineConfig<object, EngineOption>({
  testDir: '.',
  outputDir: '../test-results/playwright',
  // A host, an encoder and a viewer already fill two cores: side by side they would measure each other.
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  // On CI a second try tells a crowded machine from a fault; the report names what needed one as flaky.
  retries: process.env.CI ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  // The machine-readable one only where scripts/test.mjs names a file for it.
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['list'], ['json']] : [['list']],
  projects: [
    ...engines.map((engine) => ({
      name: engine,
      testMatch: /\.spec\.ts$/,
      testIgnore: once,
      use: { engine },
    })),
    { name: 'once', testMatch: once },
  ],
});
