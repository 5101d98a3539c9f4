// `npm run bench`: set-up, then the benchmark. What it can do: npm run bench -- --help
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { main, root, setup } from './setup.mjs';

const outdir = path.join(root, 'dist/bench');

/** Node 20 runs no TypeScript, and the viewer page needs a bundle anyway. Quick enough to be made each time. */
export async function buildBench() {
  const esbuild = await import('esbuild');
  const common = { absWorkingDir: root, bundle: true, sourcemap: true, logLevel: 'warning', outdir };
  await Promise.all([
    esbuild.build({
      ...common,
      entryPoints: ['bench/bench.ts'],
      outExtension: { '.js': '.mjs' },
      platform: 'node',
      format: 'esm',
      target: 'node20.19',
      packages: 'external',
    }),
    esbuild.build({
      ...common,
      entryPoints: ['bench/viewer-page.ts', 'bench/psnr-worker.ts', 'bench/hand-over-page.ts'],
      platform: 'browser',
      format: 'iife',
      target: 'chrome114',
    }),
  ]);
}

await main(async () => {
  await setup();
  await buildBench();
  // In this process: one process less, and Ctrl-C has one meaning.
  await import(pathToFileURL(path.join(outdir, 'bench.mjs')).href);
  return process.exitCode;
});
