import { randomUUID } from 'node:crypto';
import type { CDPSession, Page } from 'playwright/test';
import { DebugPage } from '../../test/fixtures/debug-page.ts';
import { Host } from '../../test/fixtures/host.ts';
import { processesMarked } from '../../test/fixtures/processes.ts';
import { CpuMeter } from '../cpu.ts';
import { Crowd } from '../crowd.ts';
import type { Engine } from '../engines.ts';
import { launchLoopbackBrowser } from '../loopback-browser.ts';
import { figure, table } from '../table.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';

const TRACKS = 4;
const MARKER = 'REACTOR_BENCH_DEBUG_BROWSER';
/** Its charts have something to draw, and its pictures have begun. */
const SETTLE_MS = 8_000;
const SAMPLE_MS = 1_000;

const CLOSED = 'closed';
const OPEN = 'open';
/** Opened and closed so often: what the host takes differs by itself from one time to the next, too. */
const ROUNDS = 3;

interface Row {
  engine: Engine;
  what: string;
  /** Of one core, in percent. */
  hostCpu: number;
  /** The page's main thread: scripts, style, layout and paint of all that it shows. */
  mainThread?: number;
  scripts?: number;
  /** All processes of the page's browser: decoding and drawing of the pictures, too. */
  browserCpu?: number;
  framesPerSecond?: number;
  longestFrameMs?: number;
}

/** The debug page beside a crowd: what it costs while it is open, and when it is closed. */
export const debug: Scenario = {
  name: 'debug',
  question: 'what does the debug page cost, and is it smooth?',
  defaults: { seconds: '10', viewers: '8' },
  async run(context) {
    const rows: Row[] = [];
    Crowd.prepare();
    for (const engine of context.options.engines)
      for (const viewers of context.options.viewers) rows.push(...(await measure(engine, viewers, context)));
    return { text: report(rows), results: rows };
  },
};

async function measure(
  engine: Engine,
  viewers: number,
  { browser: executablePath, options, signal, say }: ScenarioContext,
): Promise<Row[]> {
  signal.throwIfAborted();
  const host = await Host.start({
    engine,
    model: 'test/models/tracks.py',
    env: { REACTOR_TEST_TRACKS: `${TRACKS}+1` },
  });
  let crowd: Crowd | undefined;
  try {
    crowd = await Crowd.join({ url: `${host.url}whep`, viewers, tracks: TRACKS, env: process.env });
    const seconds = options.seconds;
    const row = async (what: string, page?: Watched): Promise<Row> => {
      const hostMeter = new CpuMeter(() => host.processes());
      const browserMeter = page && new CpuMeter(page.processes);
      const before = await page?.begin();
      const meters = [hostMeter, ...(browserMeter ? [browserMeter] : [])];
      for (const meter of meters) meter.sample();
      for (let second = 0; second < seconds; second++) {
        signal.throwIfAborted();
        await sleep(SAMPLE_MS);
        for (const meter of meters) meter.sample();
      }
      const cost = page && before && (await page.end(before));
      const hostCpu = totalMs(hostMeter) / seconds / 10;
      const browserCpu = browserMeter && totalMs(browserMeter) / seconds / 10;
      say(`${engine}, ${viewers} viewers, ${what}: host ${figure(hostCpu)} % of a core`);
      return { engine, what, hostCpu, ...(browserCpu === undefined ? {} : { browserCpu }), ...cost };
    };
    await sleep(SETTLE_MS);
    const rows = [await row(CLOSED)];
    for (let round = 0; round < ROUNDS; round++) {
      await openPage(executablePath, host.url, viewers, async (page) => {
        const open = await row(OPEN, page);
        if (round > 0) {
          rows.push(open);
          return;
        }
        rows.push({ ...open, ...(await page.frames(seconds * 1000)) });
        await page.hide();
        rows.push(await row('open, hidden', page));
      });
      await sleep(SETTLE_MS / 4);
      rows.push(await row(CLOSED));
    }
    return rows;
  } finally {
    await crowd?.stop();
    await host.stop();
  }
}

interface Cost {
  mainThread: number;
  scripts: number;
}

interface Mark {
  atMs: number;
  taskS: number;
  scriptS: number;
}

interface Watched {
  processes: () => ReturnType<typeof processesMarked>;
  begin: () => Promise<Mark>;
  end: (before: Mark) => Promise<Cost>;
  /** What it can draw at. Counting makes the browser lay out and paint each frame, so nothing else is measured meanwhile. */
  frames: (ms: number) => Promise<Pick<Row, 'framesPerSecond' | 'longestFrameMs'>>;
  /** Another tab in front of it. */
  hide: () => Promise<void>;
}

async function openPage(
  executablePath: string,
  hostUrl: string,
  viewers: number,
  use: (page: Watched) => Promise<void>,
): Promise<void> {
  const id = randomUUID();
  const browser = await launchLoopbackBrowser(executablePath, {
    args: ['--autoplay-policy=no-user-gesture-required'],
    env: { [MARKER]: id },
  });
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(`${hostUrl}debug`);
    const shown = new DebugPage(page);
    await shown.hasViewers(viewers);
    await shown.plays('picture_0');
    await page.mouse.click(700, 5);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable');
    await sleep(SETTLE_MS);
    await use({
      processes: () => processesMarked(MARKER, id),
      begin: () => mark(cdp),
      end: async (before) => {
        const after = await mark(cdp);
        const elapsedMs = after.atMs - before.atMs;
        return {
          mainThread: ((after.taskS - before.taskS) * 1e5) / elapsedMs,
          scripts: ((after.scriptS - before.scriptS) * 1e5) / elapsedMs,
        };
      },
      frames: (ms) => page.evaluate(countFrames, ms),
      hide: async () => {
        await hide(page);
      },
    });
  } finally {
    await browser.close();
  }
}

function countFrames(ms: number): Promise<{ framesPerSecond: number; longestFrameMs: number }> {
  return new Promise((resolve) => {
    const startMs = performance.now();
    let lastMs = startMs;
    let count = 0;
    let longestFrameMs = 0;
    const next = (nowMs: number) => {
      count += 1;
      longestFrameMs = Math.max(longestFrameMs, nowMs - lastMs);
      lastMs = nowMs;
      const passedMs = nowMs - startMs;
      if (passedMs >= ms) resolve({ framesPerSecond: (count * 1000) / passedMs, longestFrameMs });
      else requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}

async function hide(page: Page): Promise<void> {
  // Headless pages are never hidden by another tab.
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

async function mark(cdp: CDPSession): Promise<Mark> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  return { atMs: of('Timestamp') * 1000, taskS: of('TaskDuration'), scriptS: of('ScriptDuration') };
}

function totalMs(meter: CpuMeter): number {
  return [...meter.byRoleMs.values()].reduce((sum, ms) => sum + ms, 0);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Each time compared with the time just before it was opened. */
function differences(rows: readonly Row[]): string[] {
  const engines = [...new Set(rows.map(({ engine }) => engine))];
  return engines.flatMap((engine) => {
    const of = (wanted: string) =>
      rows.filter((row) => row.engine === engine && row.what === wanted).map(({ hostCpu }) => hostCpu);
    const closed = of(CLOSED);
    const pairs = (then: readonly number[]) =>
      then.flatMap((cpu, round) => (closed[round] === undefined ? [] : [cpu - closed[round]]));
    const text = (what: string, all: readonly number[]) => {
      const mean = all.reduce((sum, each) => sum + each, 0) / all.length;
      return `${engine}, host, ${what} less closed before: ${figure(mean, 1)} % of a core (${figure(Math.min(...all), 1)} to ${figure(Math.max(...all), 1)} in ${all.length} times)`;
    };
    return [text('open', pairs(of(OPEN))), text('closed again', pairs(closed.slice(1)))];
  });
}

function report(rows: readonly Row[]): string {
  return [
    table(
      [
        ['engine', ''],
        ['debug page', ''],
        ['host', '% of a core'],
        ['main thread', '% of a core'],
        ['of it scripts', '%'],
        ['its browser, all', '% of a core'],
        ['frames', 'a second'],
        ['longest', 'ms'],
      ],
      rows.map((row) => [
        row.engine,
        row.what,
        figure(row.hostCpu, 1),
        figure(row.mainThread, 1),
        figure(row.scripts, 1),
        figure(row.browserCpu, 1),
        figure(row.framesPerSecond, 1),
        figure(row.longestFrameMs, 0),
      ]),
    ),
    ...differences(rows),
    'main thread: scripts, style, layout and paint of the page. its browser, all: with decoding and drawing the pictures.',
  ].join('\n');
}
