import { randomUUID } from 'node:crypto';
import { processesMarked } from '../test/fixtures/processes.ts';
import type { Contestant, Sender } from './contestant.ts';
import { CpuMeter, machineBusyMs } from './cpu.ts';
import { Crowd, type CrowdFigures } from './crowd.ts';
import { monotonicUs, PageServer } from './page-server.ts';
import { scripts } from './paths.ts';
import { REFERENCE_WIDTHS } from './psnr.ts';
import { type Split, splitPictures, summarizeSplit } from './stages.ts';
import { COMPARE_ALL_MS, type StartFigures, startFigures } from './start.ts';
import { type Summary, summarize } from './summary.ts';
import { Viewer } from './viewer.ts';

/** Marks the processes of a sender and of a viewer in their environment, so that each is found again. */
const SENDER_MARK = 'REACTOR_BENCH_SENDER';
const VIEWER_MARK = 'REACTOR_BENCH_VIEWER';
const FIRST_PICTURE_LIMIT_MS = 30_000;
const END_LIMIT_MS = 10_000;
const SAMPLE_PERIOD_MS = 1000;

export interface RunOptions {
  seconds: number;
  warmupSeconds: number;
  browser: string;
  /** Whether to look closely at the first second. */
  start: boolean;
  /** Whether to split each picture's latency into stages. */
  stages: boolean;
  /** The luma of the texture for the contestant's size. */
  reference: Buffer;
  signal: AbortSignal;
}

export interface RunResult {
  contestant: string;
  size: string;
  about: string;
  readyMs: number;
  summary: Summary;
  /** CPU of the sender in milliseconds a delivered picture, by role; and of the viewer, all together. */
  senderCpuMs: Record<string, number> | null;
  viewerCpuMs: number | null;
  viewers: number;
  tracks: number;
  /** The viewers beside the measured one. */
  crowd: CrowdFigures | null;
  /** CPU of the sender in milliseconds a picture that any viewer got. */
  cpuEachMs: number | null;
  /** What the sender's statistics said at the end; empty where it has none. */
  stages: string;
  /** Null unless asked for. */
  start: StartFigures | null;
  /** Null unless asked for, or where nobody tells. */
  split: Split | null;
  /** How many cores anything else kept busy meanwhile: above some hundredths the figures are disturbed. */
  othersCores: number | null;
  /** How well the viewer's clock is known, in microseconds: the bound, and the drift found at the end. */
  clock: { errorUs: number; driftUs: number };
  /** Commands that were still there after the sender had been stopped. */
  leftBehind: string[];
}

/** Runs one contestant before one viewer, alone on the machine. Leaves no process, also when it fails or is aborted. */
export async function run(contestant: Contestant, options: RunOptions): Promise<RunResult> {
  const id = randomUUID();
  const { size } = contestant;
  const env = {
    ...process.env,
    BENCH_WIDTH: String(size.width),
    BENCH_HEIGHT: String(size.height),
    BENCH_FPS: String(size.fps),
  };
  let server: PageServer | undefined;
  let sender: Sender | undefined;
  let viewer: Viewer | undefined;
  let crowd: Crowd | undefined;
  const leftBehind: string[] = [];
  const measured = (async () => {
    server = await PageServer.start(scripts, options.reference);
    const startUs = monotonicUs();
    sender = await contestant.start({ ...env, [SENDER_MARK]: id });
    const readyMs = (monotonicUs() - startUs) / 1000;
    options.signal.throwIfAborted();
    const viewerEnv = { ...process.env, [VIEWER_MARK]: id };
    if (contestant.viewers > 1) {
      if (!sender.whepUrl) throw new Error('only a sender that takes WHEP can have several viewers');
      const { viewers, tracks } = contestant;
      crowd = await Crowd.join({ url: sender.whepUrl, viewers: viewers - 1, tracks, env: viewerEnv });
    }
    viewer = await Viewer.launch(options.browser, server, viewerEnv);
    return { readyMs, ...(await watch({ contestant, sender, viewer, crowd, id }, options)) };
  })();
  try {
    const result = await raceAbort(measured, options.signal);
    await crowd?.stop();
    await sender?.stop();
    leftBehind.push(...(await sweep(SENDER_MARK, id)));
    return {
      contestant: contestant.name,
      size: size.name,
      viewers: contestant.viewers,
      tracks: contestant.tracks,
      about: sender?.about ?? '',
      ...result,
      leftBehind,
    };
  } finally {
    // After an abort the run goes on until it trips over what is ended here.
    measured.catch(() => undefined);
    await crowd?.stop();
    await viewer?.close().catch(() => undefined);
    await sender?.stop().catch(() => undefined);
    await server?.close();
    // Aborted while it was starting, the sender is not known here: ask it as a user would, so that it can clean up.
    signalRoots(SENDER_MARK, id, 'SIGINT');
    await sweep(SENDER_MARK, id);
    await sweep(VIEWER_MARK, id);
  }
}

interface Party {
  contestant: Contestant;
  sender: Sender;
  viewer: Viewer;
  crowd: Crowd | undefined;
  id: string;
}

type Watched = Pick<
  RunResult,
  | 'summary'
  | 'crowd'
  | 'stages'
  | 'start'
  | 'split'
  | 'cpuEachMs'
  | 'senderCpuMs'
  | 'viewerCpuMs'
  | 'othersCores'
  | 'clock'
>;

async function watch(
  { contestant, sender, viewer, crowd, id }: Party,
  { seconds, warmupSeconds, start: wantsStart, stages: wantsStages, signal }: RunOptions,
): Promise<Watched> {
  const { size, tracks } = contestant;
  const offer = await viewer.offer({
    width: size.width,
    height: size.height,
    referenceWidth: REFERENCE_WIDTHS * size.width,
    dataChannels: contestant.dataChannels,
    tracks,
    receipts: wantsStages,
    compareAllMs: wantsStart ? COMPARE_ALL_MS : 0,
  });
  const offerUs = monotonicUs();
  const alive = () => {
    if (sender.child.exit !== undefined) throw new Error(`the sender ended (${sender.child.exit})`);
  };
  let answeredUs: number;
  try {
    await viewer.answer(await sender.answer(offer));
    answeredUs = monotonicUs();
    await viewer.firstPicture(FIRST_PICTURE_LIMIT_MS, alive);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n--- the sender's output ---\n${sender.child.tail}`);
  }
  await wait(warmupSeconds * 1000, signal);
  const meters = [SENDER_MARK, VIEWER_MARK].map((mark) => new CpuMeter(() => processesMarked(mark, id)));
  const countCpu = process.platform === 'linux';
  const sample = () => {
    if (countCpu) for (const meter of meters) meter.sample();
  };
  sample();
  await crowd?.report();
  const busyBeforeMs = countCpu ? machineBusyMs() : 0;
  const fromUs = monotonicUs();
  const untilUs = fromUs + seconds * 1e6;
  for (;;) {
    const leftMs = (untilUs - monotonicUs()) / 1000;
    if (leftMs <= 0) break;
    await wait(Math.min(SAMPLE_PERIOD_MS, leftMs), signal);
    sample();
  }
  const busyMs = countCpu ? machineBusyMs() - busyBeforeMs : 0;
  const stages = sender.stages ?? '';
  const crowdFigures = (await crowd?.report()) ?? null;
  alive();
  const { driftUs, ...seen } = await viewer.seen();
  const summary = summarize(seen, viewer.clock.offsetUs, offerUs, { fromUs, untilUs }, size);
  // Those that came in the measured time; what the sender tells of them comes up to a second later.
  const counted = seen.pictures.filter(({ seenUs }) => {
    const atUs = seenUs + viewer.clock.offsetUs;
    return atUs >= fromUs && atUs < untilUs;
  });
  const split = wantsStages
    ? summarizeSplit(
        splitPictures({ ...seen, pictures: counted }, viewer.clock.offsetUs, sender.pictures ?? []),
      )
    : null;
  const pictures = summary.fps * seconds;
  const [senderMs = [], viewerMs = []] = meters.map(({ byRoleMs }) => [...byRoleMs]);
  const total = (byRole: (readonly [string, number])[]) => byRole.reduce((sum, [, ms]) => sum + ms, 0);
  // The measured viewer counts on each of its tracks, like those of the crowd.
  const delivered = pictures * tracks + (crowdFigures?.pictures ?? 0);
  return {
    summary,
    stages,
    start: wantsStart ? startFigures(seen, answeredUs - viewer.clock.offsetUs) : null,
    split,
    crowd: crowdFigures,
    cpuEachMs: countCpu ? total(senderMs) / delivered : null,
    senderCpuMs: countCpu ? Object.fromEntries(senderMs.map(([role, ms]) => [role, ms / pictures])) : null,
    viewerCpuMs: countCpu ? total(viewerMs) / pictures : null,
    othersCores: countCpu ? (busyMs - total(senderMs) - total(viewerMs)) / (seconds * 1000) : null,
    clock: { errorUs: viewer.clock.errorUs, driftUs },
  };
}

/** Ends what still runs, waiting first for what is just ending. Returns the commands of those that had to be killed. */
async function sweep(mark: string, id: string): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  const deadline = Date.now() + END_LIMIT_MS;
  let left = processesMarked(mark, id);
  while (left.length > 0 && Date.now() < deadline) {
    await wait(50);
    left = processesMarked(mark, id);
  }
  for (const { pid } of left) end(pid, 'SIGKILL');
  return left.map(({ command }) => command);
}

/** Signals the processes that the bench started, not those that they started. */
function signalRoots(mark: string, id: string, signal: NodeJS.Signals): void {
  if (process.platform !== 'linux') return;
  for (const { pid, parentPid } of processesMarked(mark, id)) {
    if (parentPid === process.pid) end(pid, signal);
  }
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Ended by itself in between.
  }
}

function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
