// `npm run package`: set-up, then the packaged app in dist/package/, by electron-builder, whose options it takes:
// `npm run package -- --linux tar.gz`. A package holds the wheel of python-host and the man page, which are made first.
// ELECTRON_OVERRIDE_DIST_PATH packs another Electron than the one that electron-builder downloads.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { main, root, run, setup, venvPython } from './setup.mjs';

const require = createRequire(import.meta.url);

/** Builds `dist/python/*.whl`, with the locked hatchling and no download. */
export async function buildWheel() {
  const folder = path.join(root, 'dist/python');
  rmSync(folder, { recursive: true, force: true });
  await run(venvPython, ['-m', 'hatchling', 'build', '-t', 'wheel', '-d', folder], {
    cwd: path.join(root, 'python-host'),
  });
}

function writeManual() {
  const { manualPage } = require(path.join(root, 'dist/main/manual.cjs'));
  mkdirSync(path.join(root, 'dist/man'), { recursive: true });
  writeFileSync(path.join(root, 'dist/man/reactor-host.1'), manualPage());
}

/** The configuration, or one made from it for another Electron than the one that it is written for. */
async function configFile() {
  const file = path.join(root, 'electron-builder.yml');
  const electronDist = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (!electronDist) return file;
  const { parse } = await import('yaml');
  const config = { ...parse(readFileSync(file, 'utf8')), electronDist };
  // Electron 29 brought this fuse; an older one has no place for it.
  if (electronMajor(electronDist) < 29) delete config.electronFuses.grantFileProtocolExtraPrivileges;
  const made = path.join(root, 'dist/electron-builder.json');
  writeFileSync(made, JSON.stringify(config, undefined, 2));
  return made;
}

function electronMajor(folder) {
  const { stdout } = spawnSync(path.join(folder, 'electron'), ['-p', 'process.versions.electron'], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    encoding: 'utf8',
  });
  return Number.parseInt(stdout, 10);
}

/** @param {string[]} args options of electron-builder, as on its command line */
export async function makePackage(args) {
  await buildWheel();
  writeManual();
  const { path7za } = await import('7zip-bin');
  chmodSync(path7za, 0o755);
  await run(
    process.execPath,
    [
      require.resolve('electron-builder/cli.js'),
      ...args,
      ...['--publish', 'never', '--config', await configFile()],
    ],
    // electron-builder would download its own from a site of releases.
    { env: { ELECTRON_BUILDER_7ZIP_PATH: path7za, ...process.env } },
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    await setup({ dev: true });
    await makePackage(process.argv.slice(2));
  });
}
