// `npm start`: set-up, then the host with the bundled example (or `npm start -- my_model.py`).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { endWithNpm } from './npm-watch.mjs';
import { main, root, setup } from './setup.mjs';

const json = wantsJson(process.argv.slice(2));
await main(
  async () => {
    await setup({ json });
    // npm runs scripts in the project's folder; paths on the command line are meant from where the user stands.
    if (process.env.npm_lifecycle_event === 'start') {
      if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
      endWithNpm();
    }
    // In this process: one process less, and Ctrl-C has one meaning.
    await import(pathToFileURL(path.join(root, 'bin/reactor-host.mjs')).href);
    return process.exitCode;
  },
  { json },
);

/** As the host itself will read it (`guessLogFormat`), which may not be built yet. */
function wantsJson(args) {
  const at = args.lastIndexOf('--log-format');
  const value =
    args
      .filter((each) => each.startsWith('--log-format='))
      .at(-1)
      ?.slice('--log-format='.length) ??
    (at >= 0 ? args[at + 1] : undefined) ??
    process.env.REACTOR_HOST_LOG_FORMAT;
  return value === 'json';
}
