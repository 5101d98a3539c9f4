import { type ChildProcess, spawn } from 'node:child_process';
import type { ErrorInfo } from '../../protocol/error.ts';
import type { Config } from '../config.ts';
import { ended, type Guardian, killGroup } from '../guardian-client.ts';
import { eachLine } from '../line-splitter.ts';
import type { Log } from '../log.ts';
import { Signal } from '../signal.ts';
import { Backoff } from './backoff.ts';
import { ModelOutput } from './model-output.ts';

/** The model process cannot run at all, starting it again would not help (sysexits.h EX_USAGE). */
const EXIT_FATAL = 64;
/** How long a model may take to end itself: enough to leave a step of generate(). Then it is killed. */
const END_LIMIT_MS = 3_000;
/** How long the output of an ended model may stay open before it is judged without the rest. */
const LAST_WORDS_LIMIT_MS = 1_000;

export interface SupervisorOptions {
  command: string;
  model: string;
  modelConfig: string | undefined;
  /** `ws://127.0.0.1:PORT/host`. */
  url: string;
  secret: string;
  compat: boolean;
  generate: Config['generate'];
  logLevel: string;
  guardian: Pick<Guardian, 'watch'>;
  log: Log;
  nowMs: () => number;
}

/** What the model said before it ended: the last line that is an error, and its own report where it made one. */
interface LastWords {
  error: string;
  report?: ErrorInfo;
}

/** Runs the model's Python process, keeps its output, and starts it again after a crash. */
export class Supervisor {
  /** `report`: what this run itself said about it, already logged. */
  readonly crashed = new Signal<
    [{ what: string; restarts: number; delayMs: number; report: ErrorInfo | undefined }]
  >();
  readonly restarted = new Signal<[]>();
  /** The model has ended well; nothing is started again. */
  readonly finished = new Signal<[]>();
  /** The model cannot run: the host has to end. `isTold`: the model said so itself, and that is logged. */
  readonly fatal = new Signal<[{ error: ErrorInfo; isTold: boolean }]>();

  readonly #options: SupervisorOptions;
  readonly #backoff = new Backoff();
  #child: ChildProcess | undefined;
  #restarts = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;
  /** Its end is asked for, and it begins anew. */
  #restarting = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  start(): void {
    const { command, model, modelConfig, url, secret, compat, generate, logLevel, guardian, log, nowMs } =
      this.#options;
    const startedMs = nowMs();
    const child = spawn(
      command,
      [
        '-m',
        'reactor_host',
        model,
        ...(modelConfig === undefined ? [] : ['--model-config', modelConfig]),
        ...(compat ? ['--compat'] : []),
        '--log-level',
        // Python's name for it.
        logLevel === 'warn' ? 'warning' : logLevel,
      ],
      {
        // The input is a pipe that nobody writes to: its end tells Python that the host is gone.
        stdio: ['pipe', 'pipe', 'pipe'],
        env: {
          ...process.env,
          REACTOR_HOST_URL: url,
          REACTOR_HOST_SECRET: secret,
          REACTOR_HOST_SUPERVISED: '1',
          REACTOR_HOST_GENERATE: generate,
          // Whatever the user set for the host: its log is read by ModelOutput, which prints it in the user's format.
          REACTOR_HOST_LOG_FORMAT: 'json',
          // What the author prints is to be seen when it is printed.
          PYTHONUNBUFFERED: '1',
          PYTHONIOENCODING: 'utf-8',
        },
        // A group of its own: Ctrl-C reaches the host alone, which ends the model in order.
        detached: process.platform !== 'win32',
        windowsHide: true,
      },
    );
    this.#child = child;
    guardian.watch(child);
    const output = new ModelOutput();
    const said: LastWords = { error: '' };
    const modelLog = log.child({ from: 'model' });
    for (const stream of [child.stdout, child.stderr]) {
      eachLine(stream, (line) => {
        if (line === '') return;
        const { level, text, report, ...more } = output.read(line);
        if (report) {
          said.report = report;
          modelLog.error({ code: report.code, hint: report.hint, ...more }, text);
          return;
        }
        if (level === 'error' && !/^\s/.test(text)) said.error = text;
        modelLog[level](more, text);
      });
    }
    child.stdin.on('error', () => {});
    let failedToSpawn: Error | undefined;
    child.once('error', (error) => {
      failedToSpawn = error;
      this.#onEnd(null, null, nowMs() - startedMs, { error: error.message });
    });
    let judged = false;
    const judge = (code: number | null, signal: string | null) => {
      if (judged || failedToSpawn) return;
      judged = true;
      this.#onEnd(code, signal, nowMs() - startedMs, said);
    };
    // close, not exit: its last words are to be read before they are judged. But a process that it left behind in a
    // session of its own may keep the pipe open for ever.
    child.once('close', judge);
    child.once('exit', (code, signal) => setTimeout(() => judge(code, signal), LAST_WORDS_LIMIT_MS).unref());
  }

  /** Ends the model: politely, then not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child?.pid === undefined) return;
    killGroup(child.pid, 'SIGTERM');
    child.stdin?.end();
    if (await ended(child, END_LIMIT_MS)) return;
    this.#options.log.warn({ limitMs: END_LIMIT_MS }, 'the model did not end in time and is killed');
    killGroup(child.pid, 'SIGKILL');
    await ended(child, END_LIMIT_MS);
  }

  /** Ends the model, if it runs, and starts it again at once. */
  restart(): void {
    if (this.#stopping || this.#restarting) return;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child?.pid === undefined) {
      this.#startAgain();
      return;
    }
    this.#restarting = true;
    const { pid } = child;
    killGroup(pid, 'SIGTERM');
    child.stdin?.end();
    void ended(child, END_LIMIT_MS).then((isEnded) => {
      if (!isEnded) killGroup(pid, 'SIGKILL');
    });
  }

  #startAgain(): void {
    this.restarted.emit();
    this.start();
  }

  #onEnd(code: number | null, signal: string | null, ranMs: number, { error, report }: LastWords): void {
    this.#child = undefined;
    if (this.#stopping) return;
    if (this.#restarting) {
      this.#restarting = false;
      this.#startAgain();
      return;
    }
    if (code === 0) {
      this.finished.emit();
      return;
    }
    if (code === EXIT_FATAL || (code === null && signal === null)) {
      this.fatal.emit({
        isTold: report !== undefined,
        error: report ?? {
          code: 'model-fatal',
          message: `the model cannot run${error === '' ? '' : `: ${error.replace(/^(ERROR|error)[^:]*: /, '')}`}`,
          hint: 'see the lines of the model above; starting it again would not help',
        },
      });
      return;
    }
    const delayMs = this.#backoff.nextDelayMs(ranMs);
    this.#restarts++;
    const what = signal === null ? `exit code ${code}` : `signal ${signal}`;
    this.crashed.emit({ what, restarts: this.#restarts, delayMs, report });
    this.#timer = setTimeout(() => this.#startAgain(), delayMs);
  }
}
