import type { Page } from 'playwright/test';
import { Host } from '../../test/fixtures/host.ts';
import { bundle, MeasuringPage } from '../../test/fixtures/measuring-page.ts';
import { waitUntil } from '../../test/fixtures/processes.ts';
import type { Click } from '../control-page.ts';
import type { Engine } from '../engines.ts';
import { launchLoopbackBrowser } from '../loopback-browser.ts';
import { percentile } from '../summary.ts';
import { figure, table } from '../table.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';

const CLICKS_PER_SECOND = 3;
/** A command's changed picture is there long before. */
const LIMIT_MS = 10_000;
const CHANNEL = { label: 'data' };
/** The model computes all the time, or waits for its fps in the host. */
const STEPS = ['busy', 'held'] as const;

interface Row {
  engine: Engine;
  codec: string;
  size: string;
  step: (typeof STEPS)[number];
  clicks: number;
  /** Each in rising order. */
  toHandlerMs: number[];
  toDrawnMs: number[];
  toDecodedMs: number[];
  allMs: number[];
  repliedMs: number[];
}

/** A click on the viewer's page, and the first decoded picture that shows it. */
export const control: Scenario = {
  name: 'control',
  question: 'how long after a click does the picture change?',
  defaults: { codecs: 'H264', sizes: '720p30', seconds: '20' },
  async run(context) {
    const { engines, codecs, sizes } = context.options;
    const rows: Row[] = [];
    for (const engine of engines)
      for (const codec of codecs)
        for (const size of sizes)
          for (const step of STEPS) rows.push(await measure({ engine, codec, size, step }, context));
    return { text: report(rows), results: rows };
  },
};

interface Measured {
  engine: Engine;
  codec: string;
  size: ScenarioContext['options']['sizes'][number];
  step: Row['step'];
}

async function measure(
  { engine, codec, size, step }: Measured,
  { browser: executablePath, options, signal, say }: ScenarioContext,
): Promise<Row> {
  signal.throwIfAborted();
  const { width, height, fps } = size;
  const host = await Host.start({
    engine,
    model: 'bench/control_source.py',
    env: {
      BENCH_WIDTH: String(width),
      BENCH_HEIGHT: String(height),
      BENCH_FPS: String(fps),
      CONTROL_STEP: step,
    },
  });
  const browser = await launchLoopbackBrowser(executablePath);
  try {
    const viewer = await MeasuringPage.open(browser, {
      hostUrl: host.url,
      query: `codec=${codec.toLowerCase()}`,
      source: { width, height },
      dataChannels: [CHANNEL],
    });
    const { page } = viewer;
    await viewer.stretch(fps * options.warmupSeconds, LIMIT_MS);
    await page.evaluate(bundle('bench/control-page.ts'));
    const wanted = Math.round(options.seconds * CLICKS_PER_SECOND);
    for (let count = 1; count <= wanted; count += 1) {
      signal.throwIfAborted();
      await page.click('#flash');
      await shown(page, count);
      // At any moment of a step, not always at the same one.
      await page.waitForTimeout((1000 * (0.5 + Math.random())) / CLICKS_PER_SECOND);
    }
    const row = {
      ...{ engine, codec, size: size.name, step, clicks: wanted },
      ...(await split(viewer)),
    };
    say(`${engine}, ${codec}, ${step}: ${figure(percentile(row.allMs, 0.5))} ms`);
    await viewer.close();
    return row;
  } finally {
    await browser.close();
    await host.stop();
  }
}

/** A picture that carries the number of this click has been decoded, and the reply is there. */
async function shown(page: Page, number: number): Promise<void> {
  await waitUntil(
    `the picture of click ${number}`,
    () =>
      page.evaluate(
        (wanted) =>
          window.benchViewer.seen().pictures.some(({ index }) => index === wanted) &&
          window.controlPage.clicks[wanted - 1]?.handledUs != null &&
          window.controlPage.clicks[wanted - 1]?.repliedUs != null,
        number,
      ),
    (there) => there,
    LIMIT_MS,
  );
}

async function split(viewer: MeasuringPage): Promise<Omit<Row, keyof Measured | 'clicks'>> {
  const toMonotonicUs = await viewer.toMonotonicUs();
  const clicks: Click[] = await viewer.page.evaluate(() => window.controlPage.clicks);
  const { pictures } = await viewer.seen();
  const parts = clicks.map(({ number, clickedUs, handledUs, repliedUs }) => {
    const first = pictures.find(({ index }) => index === number);
    if (!first?.timeUs || handledUs === null || repliedUs === null)
      throw new Error(`click ${number} was lost`);
    const [clicked, decoded] = [clickedUs + toMonotonicUs, first.seenUs + toMonotonicUs];
    return {
      toHandlerMs: (handledUs - clicked) / 1000,
      toDrawnMs: (first.timeUs - handledUs) / 1000,
      toDecodedMs: (decoded - first.timeUs) / 1000,
      allMs: (decoded - clicked) / 1000,
      repliedMs: (repliedUs - clickedUs) / 1000,
    };
  });
  const rising = (name: keyof (typeof parts)[number]) =>
    parts.map((each) => each[name]).sort((one, other) => one - other);
  return {
    toHandlerMs: rising('toHandlerMs'),
    toDrawnMs: rising('toDrawnMs'),
    toDecodedMs: rising('toDecodedMs'),
    allMs: rising('allMs'),
    repliedMs: rising('repliedMs'),
  };
}

function report(rows: Row[]): string {
  const spread = (values: number[]) =>
    `${figure(percentile(values, 0.5), 1)} / ${figure(percentile(values, 0.95), 1)}`;
  return [
    table(
      [
        ['engine', ''],
        ['codec', ''],
        ['size', ''],
        ['model', ''],
        ['clicks', ''],
        ['click to handler', 'p50 / p95 ms'],
        ['to drawn', 'p50 / p95 ms'],
        ['to decoded', 'p50 / p95 ms'],
        ['all', 'p50 / p95 ms'],
        ['reply', 'p50 / p95 ms'],
      ],
      rows.map((row) => [
        row.engine,
        row.codec,
        row.size,
        row.step,
        String(row.clicks),
        spread(row.toHandlerMs),
        spread(row.toDrawnMs),
        spread(row.toDecodedMs),
        spread(row.allMs),
        spread(row.repliedMs),
      ]),
    ),
    'click to handler: the input event in the page until the handler of the model ran, between two steps.',
    'to drawn: until the first picture of a later step was drawn. to decoded: until the viewer had it.',
    'reply: the input event until command_result. busy: each step takes 1/fps; held: none, the host holds it to its fps.',
  ].join('\n');
}
