// `npm start`: set-up, then the host with the bundled example (or `npm start -- my_model.py`).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { main, root, setup } from './setup.mjs';

await main(async () => {
  const args = process.argv.slice(2);
  const json =
    args.join(' ').includes('--log-format json') ||
    args.includes('--log-format=json') ||
    process.env.REACTOR_HOST_LOG_FORMAT === 'json';
  await setup({ json });
  // In this process: one process less, and Ctrl-C has one meaning.
  await import(pathToFileURL(path.join(root, 'bin/reactor-host.mjs')).href);
  return process.exitCode;
});
