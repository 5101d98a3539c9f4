// `npm test`: set-up, static checks and every suite. `npm test -- unit python` runs only those named.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { check } from './check.mjs';
import { main, root, setup, venvPython } from './setup.mjs';

const results = path.join(root, 'test-results');
const bin = (name) =>
  path.join(root, 'node_modules/.bin', process.platform === 'win32' ? `${name}.cmd` : name);

const suites = {
  check: () => {
    const failed = check();
    return { passed: 5 - failed.length, failed: failed.length, skipped: 0 };
  },
  unit: () => {
    const report = path.join(results, 'unit.json');
    const status = start(bin('vitest'), [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ]);
    const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0 } = json(report);
    return counted(status, { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests });
  },
  python: () => {
    const report = path.join(results, 'python.xml');
    const status = start(
      venvPython,
      ['-m', 'pytest', '-q', `--junitxml=${report}`],
      path.join(root, 'python-host'),
    );
    const xml = existsSync(report) ? readFileSync(report, 'utf8') : '';
    const figure = (name) => Number(xml.match(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`))?.[1] ?? 0);
    const failed = figure('failures') + figure('errors');
    const passed = figure('tests') - failed - figure('skipped');
    return counted(status, { passed, failed, skipped: figure('skipped') });
  },
  e2e: () => {
    const report = path.join(results, 'e2e.json');
    const status = start(bin('playwright'), ['test', '-c', 'test/playwright.config.ts', ...extra], root, {
      PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    });
    const { stats = {}, suites = [] } = json(report);
    const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = stats;
    for (const [reason, count] of skipReasons(suites)) console.log(`${count} skipped: ${reason}`);
    return counted(status, { passed: expected + flaky, failed: unexpected, skipped });
  },
};

const names = process.argv.slice(2).filter((arg) => arg in suites);
const extra = process.argv.slice(2).filter((arg) => !(arg in suites));

await main(async () => {
  if (extra.length > 0 && names.join() !== 'e2e') {
    console.error(`unknown suite ${extra.join(' ')}: choose of ${Object.keys(suites).join(', ')}`);
    return 64;
  }
  await setup({ dev: true });
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  for (const name of names.length > 0 ? names : Object.keys(suites)) {
    console.log(`\n== ${name}`);
    const startedMs = Date.now();
    const figures = suites[name]();
    for (const key of Object.keys(total)) total[key] += figures[key];
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
    lines.push(
      `${name.padEnd(7)} ${figures.passed} passed, ${figures.failed} failed, ${figures.skipped} skipped (${seconds} s)`,
    );
  }
  console.log(`\n${lines.join('\n')}`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
});

function start(command, args, cwd = root, env = {}) {
  const result = spawnSync(command, args, {
    cwd,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, ...env },
  });
  return result.status ?? 1;
}

/** A suite that ended badly without a failed test (it could not even be collected) counts as one failure. */
function counted(status, figures) {
  return status !== 0 && figures.failed === 0 ? { ...figures, failed: 1 } : figures;
}

/** How many tests of Playwright's report were skipped for each reason: its own list names the tests alone. */
function skipReasons(suites, counts = new Map()) {
  for (const { suites: inner = [], specs = [] } of suites) {
    skipReasons(inner, counts);
    for (const { status, annotations } of specs.flatMap(({ tests }) => tests)) {
      const reason = annotations.find(({ type }) => type === 'skip')?.description;
      if (status === 'skipped') counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  }
  return counts;
}

function json(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
