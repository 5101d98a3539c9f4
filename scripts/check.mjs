// Everything static that CI asks for: types, lint and format, in both languages. `npm run check`.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { main, root, setup, venvPython } from './setup.mjs';

const bin = (name) =>
  path.join(root, 'node_modules/.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const python = (...args) => [venvPython, ['-m', ...args], path.join(root, 'python-host')];

const checks = [
  ['types (TypeScript)', bin('tsc'), ['-p', '.'], root],
  ['lint and format (TypeScript)', bin('biome'), ['ci', '--error-on-warnings', '.'], root],
  ['types (Python)', ...python('mypy')],
  ['lint (Python)', ...python('ruff', 'check', '.', '../test', '../bench')],
  ['format (Python)', ...python('ruff', 'format', '--check', '.', '../test', '../bench')],
];

/** Runs all checks, also after a failed one. Returns names of the failed. */
export function check() {
  const failed = [];
  for (const [name, command, args, cwd] of checks) {
    const started = Date.now();
    const result = spawnSync(command, args, {
      cwd,
      encoding: 'utf8',
      shell: process.platform === 'win32',
      // The user's npm settings are not these tools' business: npm warns about them in every run.
      env: { ...process.env, FORCE_COLOR: '0' },
    });
    const good = result.status === 0;
    console.log(`check: ${good ? 'ok  ' : 'FAIL'} ${name} (${Date.now() - started} ms)`);
    if (!good) {
      failed.push(name);
      console.log(result.error?.message ?? `${result.stdout}${result.stderr}`);
    }
  }
  return failed;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    await setup({ dev: true });
    return check().length > 0 ? 1 : 0;
  });
}
