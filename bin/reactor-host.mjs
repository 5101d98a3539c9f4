#!/usr/bin/env node
// Runs the built host. Plain Node: it has to be able to say that nothing is built yet.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const bundle = fileURLToPath(new URL('../dist/main/cli.cjs', import.meta.url));
if (existsSync(bundle)) {
  createRequire(import.meta.url)(bundle);
} else {
  const message = 'reactor-host is not built: dist/main/cli.cjs is missing';
  const hint = 'run npm run build, or npm start, which does it';
  const json =
    process.env.REACTOR_HOST_LOG_FORMAT === 'json' || /--log-format[= ]json/.test(process.argv.join(' '));
  console.log(
    json
      ? JSON.stringify({ level: 50, time: Date.now(), code: 'not-built', hint, msg: message })
      : `${message}\n${hint}`,
  );
  process.exitCode = 1;
}
