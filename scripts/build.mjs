// Bundles main, preload and renderer into dist/. Skips by itself when no source changed.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');
const stampFile = path.join(dist, '.stamp');
const sourceFolders = ['protocol', 'main', 'preload', 'renderer'];

/** True when something was built. With `json` the bundler prints nothing itself: what is wrong is in the error thrown. */
export async function build({ force = false, json = false } = {}) {
  const stamp = sourceStamp();
  if (!force && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false;
  // Loaded late: a run without changes does not need the bundler.
  const esbuild = await import('esbuild');
  const common = {
    absWorkingDir: root,
    bundle: true,
    sourcemap: true,
    logLevel: json ? 'silent' : 'warning',
    legalComments: 'none',
    define: { __VERSION__: JSON.stringify(packageVersion()) },
  };
  // Node 18.15 and Chromium 114 are those of the oldest Electron that the tests run on.
  const node = { ...common, platform: 'node', format: 'cjs', target: 'node18.15' };
  const page = { ...common, platform: 'browser', format: 'iife', target: 'chrome114' };
  await Promise.all([
    esbuild.build({
      ...node,
      entryPoints: ['main/cli.ts', 'main/electron.ts', 'main/guardian.ts', 'main/manual.ts'],
      outdir: 'dist/main',
      outExtension: { '.js': '.cjs' },
      external: ['electron', '@sparticuz/chromium', 'bufferutil', 'utf-8-validate'],
    }),
    esbuild.build({
      ...node,
      entryPoints: ['preload/encoder.ts'],
      outdir: 'dist/preload',
      outExtension: { '.js': '.cjs' },
      external: ['electron'],
    }),
    esbuild.build({
      ...page,
      entryPoints: {
        encoder: 'renderer/encoder/encoder.ts',
        'encoder-worker': 'renderer/encoder/shared/encoder-worker.ts',
        'ring-worker': 'renderer/encoder/ring-worker.ts',
      },
      outdir: 'dist/renderer/encoder',
    }),
    esbuild.build({
      ...page,
      // The viewer runs in any browser with WebRTC, not only in our engines.
      target: ['chrome105', 'firefox115', 'safari16'],
      // Over the network, to phones too: 864 KB become 300.
      minify: true,
      entryPoints: ['renderer/viewer/viewer.ts'],
      outdir: 'dist/renderer/viewer',
    }),
    esbuild.build({
      ...page,
      target: ['chrome105', 'firefox115', 'safari16'],
      minify: true,
      entryPoints: ['renderer/debug/debug.ts', 'renderer/debug/debug.css'],
      outdir: 'dist/renderer/debug',
    }),
  ]);
  // With the viewer's style sheet and that of the charts in it.
  const bundled = ['renderer/debug/debug.css'];
  for (const folder of ['encoder', 'viewer', 'debug']) copyAssets(path.join('renderer', folder), bundled);
  writeFileSync(stampFile, stamp);
  return true;
}

/** Everything a page needs beside its bundle. */
function copyAssets(folder, bundled) {
  mkdirSync(path.join(dist, folder), { recursive: true });
  for (const name of readdirSync(path.join(root, folder))) {
    // What the bundler has made of it stays.
    if (bundled.includes(path.posix.join(folder, name))) continue;
    if (/\.(html|css|svg|png|ico|webmanifest)$/.test(name)) {
      cpSync(path.join(root, folder, name), path.join(dist, folder, name));
    }
  }
}

function packageVersion() {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version;
}

/** A digest of names, sizes and times: reading every file would cost more than it saves. */
function sourceStamp() {
  const hash = createHash('sha256');
  const add = (file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`);
  };
  for (const file of ['package-lock.json', 'package.json', 'scripts/build.mjs']) add(path.join(root, file));
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) walk(file);
      else add(file);
    }
  };
  for (const folder of sourceFolders) walk(path.join(root, folder));
  return hash.digest('hex');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const built = await build({ force: process.argv.includes('--force') });
  console.log(built ? 'built dist/' : 'dist/ is up to date');
}
