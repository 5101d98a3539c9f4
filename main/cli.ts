import { existsSync } from 'node:fs';
import path from 'node:path';
import { guessLogFormat, readConfig, type StatsCommand } from './command-line.ts';
import type { Config } from './config.ts';
import { runDoctor } from './doctor/doctor.ts';
import { chooseEngine, type EngineChoice } from './engine/choose.ts';
import { ChromiumEngine } from './engine/chromium.ts';
import { ElectronProcess } from './engine/electron-launch.ts';
import { commonFlags } from './engine/flags.ts';
import { engineProbes } from './engine/probes.ts';
import { HostError, toHostError } from './errors.ts';
import { helpText } from './help.ts';
import { Host } from './host.ts';
import { schemaDocument } from './http/schema.ts';
import { createLog, type Log, logError } from './log.ts';
import { hasNetwork } from './loopback.ts';
import { projectFolder, pythonHostFolder } from './paths.ts';
import { describeModel } from './python/describe.ts';
import { choosePython, pythonSurroundings } from './python/environment.ts';
import { onInterrupt } from './signals.ts';
import { runStats } from './stats-command.ts';
import { VERSION } from './version.ts';

/** sysexits.h EX_USAGE: the command line or configuration is wrong. */
const EXIT_USAGE = 64;

// Set where the launcher runs in an Electron: meant for this process alone, not for those that it starts.
delete process.env.ELECTRON_RUN_AS_NODE;

void main().then((code) => {
  process.exit(code);
});

/** Reads the configuration, chooses the engine, and runs the host: here for Chromium, inside Electron for Electron. */
async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  let config: Config;
  let printsSchema: boolean;
  let log = createLog({ logLevel: 'info', logFormat: guessLogFormat(argv, process.env) });
  try {
    const command = readConfig({ argv, env: process.env, cwd: process.cwd() });
    if (command.kind === 'help') {
      process.stdout.write(`${helpText()}\n`);
      return 0;
    }
    if (command.kind === 'version') {
      process.stdout.write(`reactor-host ${VERSION}\n`);
      return 0;
    }
    if (command.kind === 'stats') return await showStats(command);
    if (command.kind === 'doctor') return await runDoctor({ ...command, bundleFolder: __dirname });
    config = withModel(command.config);
    // The document is to stand alone on the standard output.
    log = createLog(command.kind === 'print-schema' ? { ...config, logLevel: 'error' } : config);
    for (const warning of command.warnings) log.warn(warning);
    printsSchema = command.kind === 'print-schema';
  } catch (thrown) {
    logError(log, thrown);
    return EXIT_USAGE;
  }
  try {
    if (printsSchema) return await printSchema(config, log);
    const probes = engineProbes(config, projectFolder(__dirname));
    const choice = sayEngine(log, await chooseEngine(config.engine, probes));
    const interrupt: Interrupt = { asked: onInterrupt(log, () => interrupt.force()), force: () => {} };
    if (choice.name === 'chromium') return await runChromium(choice, config, log, interrupt);
    try {
      return await runElectron(choice, config, log, interrupt);
    } catch (thrown) {
      const { code, message } = toHostError(thrown);
      if (config.engine !== 'auto' || code !== 'engine-failed') throw thrown;
      log.warn({ code }, `${message}; going on with Chromium`);
      // Told of a failed Electron it chooses no second one.
      const other = await chooseEngine('auto', probes, message);
      return await runChromium(sayEngine(log, other) as ChromiumChoice, config, log, interrupt);
    }
  } catch (thrown) {
    logError(log, thrown);
    return 1;
  }
}

/** What `GET /schema` would be, without an engine: Python describes the model and ends. */
async function printSchema(config: Config, log: Log): Promise<number> {
  if (config.model === undefined) {
    throw new HostError('no-model', 'no model was named', 'reactor-host --print-schema model.py');
  }
  const { command } = await choosePython(pythonSurroundings(config.python, __dirname, log));
  const {
    model: name,
    tracks,
    interface: known,
  } = await describeModel({
    command,
    model: config.model,
    compat: config.compat,
  });
  const document = schemaDocument({ name, tracks, interface: known, needsToken: config.token !== undefined });
  await new Promise<void>((resolve) => {
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`, () => resolve());
  });
  return 0;
}

type ChromiumChoice = Extract<EngineChoice, { name: 'chromium' }>;
type ElectronChoice = Extract<EngineChoice, { name: 'electron' }>;

/** Ctrl-C: `asked` resolves with the exit code at the first, the second calls `force`. */
interface Interrupt {
  readonly asked: Promise<number>;
  force: () => void;
}

function sayEngine(log: Log, choice: EngineChoice): EngineChoice {
  log.info({ executable: choice.executable, reason: choice.reason }, `engine ${choice.name}`);
  return choice;
}

async function runChromium(
  choice: ChromiumChoice,
  config: Config,
  log: Log,
  interrupt: Interrupt,
): Promise<number> {
  const host = new Host({
    config,
    log,
    bundleFolder: __dirname,
    ringOf: 'page',
    createEngine: ({ guardian, log: engineLog }) =>
      new ChromiumEngine({
        executable: choice.executable,
        headless: choice.headless,
        flags: commonFlags({
          host: config.host,
          hasNetwork: hasNetwork(),
          isRoot: process.getuid?.() === 0,
          hardware: config.hardware,
        }),
        guardian,
        log: engineLog,
      }),
  });
  interrupt.force = () => host.kill();
  let code: number;
  try {
    const started = host.start();
    // Ctrl-C while it starts ends it too; what the start then meets is of no interest.
    started.catch(() => {});
    const early = await Promise.race([started.then(() => undefined), interrupt.asked, host.failed]);
    code = early ?? (await Promise.race([interrupt.asked, host.failed]));
  } catch (thrown) {
    logError(log, thrown);
    code = 1;
  }
  await host.stop();
  return code;
}

/** @throws HostError `engine-failed` when Electron cannot run here: nothing has been done yet then. */
async function runElectron(
  choice: ElectronChoice,
  config: Config,
  log: Log,
  interrupt: Interrupt,
): Promise<number> {
  const electron = await ElectronProcess.start({
    executable: choice.executable,
    xvfb: choice.xvfb,
    bundleFolder: __dirname,
    config,
    log,
  });
  interrupt.force = () => electron.kill();
  const asked = interrupt.asked.then(() => undefined);
  try {
    await Promise.race([electron.started, asked]);
    const code = await Promise.race([electron.exited, asked]);
    if (code === undefined) await electron.quit(log);
    return code ?? (await electron.exited);
  } finally {
    await electron.close();
  }
}

/** What is wrong goes to the error output: the other one may be read by a program. */
async function showStats(command: StatsCommand): Promise<number> {
  const { stdout } = process;
  // `reactor-host stats | head`: nobody reads any more.
  stdout.on('error', () => process.exit(0));
  try {
    await runStats(command, { write: (text) => stdout.write(text), isTerminal: stdout.isTTY === true });
    return 0;
  } catch (thrown) {
    const { code, message, hint } = toHostError(thrown);
    process.stderr.write(`${message} (${code})\n  hint: ${hint}\n`);
    return 1;
  }
}

/** Without a model the bundled example plays. */
function withModel(config: Config): Config {
  if (config.model !== undefined || config.remoteModel) return config;
  const example = path.join(pythonHostFolder(__dirname), 'examples', 'showcase.py');
  if (existsSync(example)) return { ...config, model: example };
  throw new HostError(
    'no-model',
    'no model was named',
    'reactor-host model.py, or reactor-host model.py:ClassName',
  );
}
