import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/**
 * The Chromium inside the npm package `@sparticuz/chromium`, unpacked once into a folder of the user's own. (The package
 * itself unpacks to /tmp/chromium, where any user of the machine could have put something else before.)
 *
 * @returns the executable. @throws when the package is not installed or cannot be unpacked.
 */
export async function unpackSparticuz(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  // By a variable: the package is an ES module with files beside it and stays outside the bundle.
  const name = '@sparticuz/chromium';
  const { default: chromium } = (await import(name)) as {
    default: { executablePath(): Promise<string>; setGraphicsMode: boolean };
  };
  const cache = path.join(env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'reactor-host');
  const folder = path.join(cache, `chromium-${await packageVersion()}`);
  const executable = path.join(folder, 'chromium');
  if (existsSync(executable)) return executable;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const unpacking = await mkdtemp(path.join(cache, 'unpacking-'));
  const before = process.env.TMPDIR;
  try {
    // The package asks os.tmpdir() where to unpack to.
    process.env.TMPDIR = unpacking;
    await chromium.executablePath();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
  try {
    await rename(unpacking, folder);
  } catch (error) {
    await rm(unpacking, { recursive: true, force: true });
    // Another host was faster: its copy is as good.
    if (!existsSync(executable)) throw error;
  }
  return executable;
}

async function packageVersion(): Promise<string> {
  const { createRequire } = await import('node:module');
  const entry = createRequire(path.join(__dirname, 'x.cjs')).resolve('@sparticuz/chromium');
  const { readFile } = await import('node:fs/promises');
  // The package does not export its package.json: walk up from its entry.
  for (let folder = path.dirname(entry); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const text = await readFile(path.join(folder, 'package.json'), 'utf8').catch(() => undefined);
    const parsed = text === undefined ? undefined : (JSON.parse(text) as { name?: string; version?: string });
    if (parsed?.name === '@sparticuz/chromium') return parsed.version ?? 'unknown';
  }
  return 'unknown';
}
