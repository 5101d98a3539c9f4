import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Config } from '../config.ts';
import { chooseEngine, type EngineChoice, type EngineProbes } from '../engine/choose.ts';
import { engineProbes } from '../engine/probes.ts';
import { HostError, toHostError } from '../errors.ts';
import { isPackaged, projectFolder } from '../paths.ts';
import { choosePython, pythonSurroundings } from '../python/environment.ts';
import { OwnEnvironment } from '../python/own-environment.ts';
import { VERSION } from '../version.ts';
import { type Check, checksText, fail, failure, ok, warn } from './check.ts';
import { checkCodecs, checkHardware } from './encoders.ts';
import { tryEngine } from './engine-trial.ts';
import {
  checkDisplay,
  checkGpu,
  checkNetwork,
  checkPorts,
  checkSharedMemory,
  checkSystem,
  findGpus,
} from './machine.ts';

export interface DoctorOptions {
  config: Config;
  json: boolean;
  install: boolean;
  bundleFolder: string;
}

/** Looks at this machine and prints what it found. Returns the exit status: 0 where the host can run. */
export async function runDoctor({ config, json, install, bundleFolder }: DoctorOptions): Promise<number> {
  const checks: Check[] = [checkSystem()];
  checks.push(...(await checkEngine(config, bundleFolder)));
  checks.push(await checkPython(config, install, bundleFolder));
  checks.push(checkSharedMemory(), await checkPorts(config), checkNetwork(config));
  const isFit = checks.every(({ status }) => status !== 'fail');
  const text = json
    ? JSON.stringify({ ok: isFit, version: VERSION, checks }, undefined, 2)
    : checksText(checks);
  process.stdout.write(`${text}\n`);
  return isFit ? 0 : 1;
}

/** The engine that the host would choose, really started, and what it says of itself. */
async function checkEngine(config: Config, bundleFolder: string): Promise<Check[]> {
  const probes = engineProbes(config, projectFolder(bundleFolder));
  const gpus = findGpus();
  const around = [checkDisplay(probes.hasDisplay, findXvfb(probes)), checkGpu(gpus)];
  const before: Check[] = [];
  let failed: string | undefined;
  for (;;) {
    let choice: EngineChoice | undefined;
    try {
      choice = await chooseEngine(config.engine, probes, failed);
      const { codecs, tookMs } = await tryEngine(choice, config, bundleFolder);
      const text = `${choice.name}, ${choice.executable} (${choice.reason}); ready after ${Math.round(tookMs)} ms`;
      const media = [checkCodecs(config.codec, codecs), checkHardware(config.hardware, codecs, gpus)];
      return [...before, ok('engine', text), ...media, ...around];
    } catch (thrown) {
      const { message, hint } = toHostError(thrown);
      // As the host itself goes on.
      if (config.engine === 'auto' && choice?.name === 'electron') {
        failed = message;
        before.push(warn('engine', `${message}; going on with Chromium`, hint));
        continue;
      }
      return [...before, failure('engine', thrown), ...around];
    }
  }
}

function findXvfb(probes: EngineProbes): string | undefined {
  try {
    return probes.xvfb();
  } catch {
    // A wrong --xvfb is told with the engine.
    return undefined;
  }
}

async function checkPython(config: Config, install: boolean, bundleFolder: string): Promise<Check> {
  const name = 'python';
  if (config.remoteModel) return ok(name, 'not needed: the model is on another machine (--remote-model)');
  // Progress is no part of the result, which may be read by a program.
  const log = {
    info: (_: object, message?: string) => void process.stderr.write(`${message}\n`),
    debug: () => {},
  };
  try {
    const { makeOwn, ...around } = pythonSurroundings(config.python, bundleFolder, log);
    if (install && !makeOwn) {
      const hint = 'in a checkout npm run setup makes it';
      throw new HostError('bad-option', '--install is for an installed package', hint);
    }
    if (install) await makeOwn?.();
    if (isPackaged(bundleFolder) && !install && (await isStillToBeMade(around, bundleFolder))) {
      return warn(
        name,
        `the environment ${around.ownFolder} is not there yet, or is an older version's`,
        'the first start makes it; reactor-host doctor --install makes it now',
      );
    }
    const { command, reason } = await choosePython(around);
    const { stdout } = await promisify(execFile)(
      command,
      ['-c', 'import platform, reactor_host; print(platform.python_version(), reactor_host.__version__)'],
      { timeout: 60_000, windowsHide: true, cwd: path.parse(process.cwd()).root },
    );
    const [python, version] = stdout.trim().split(' ');
    const text = `Python ${python} with reactor_host ${version}, ${command} (${reason})`;
    if (version === VERSION) return ok(name, text);
    return warn(
      name,
      `${text}: the host is ${VERSION}`,
      `install the host's own: ${command} -m pip install ${around.packageSource}`,
    );
  } catch (thrown) {
    if (thrown instanceof HostError) return failure(name, thrown);
    const { stderr = '', message } = thrown as Error & { stderr?: string };
    return fail(
      name,
      `reactor_host cannot be imported: ${stderr.trim().split('\n').at(-1) || message}`,
      'make the environment anew',
    );
  }
}

/** The host would make the environment at its next start. */
async function isStillToBeMade(
  around: Parameters<typeof choosePython>[0],
  bundleFolder: string,
): Promise<boolean> {
  const usesOwn = await choosePython({ ...around, exists: () => false }).then(
    () => false,
    () => around.wanted === undefined,
  );
  return usesOwn && !new OwnEnvironment(bundleFolder, { info: () => {}, debug: () => {} }).isCurrent;
}
