import { Host } from '../../test/fixtures/host.ts';
import { waitUntil } from '../../test/fixtures/processes.ts';
import { SoundListener } from '../../test/fixtures/sound-listener.ts';
import type { Engine } from '../engines.ts';
import { launchLoopbackBrowser } from '../loopback-browser.ts';
import type { SoundCounters } from '../sound-page.ts';
import { figure, table } from '../table.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';

/** How long sound has to wait is learnt in the first seconds, on a machine that is busy then. */
const LEARNT_PACKETS = 500;
const PICTURES_A_STEP = [1, 15];

interface Row {
  engine: Engine;
  lipSync: string;
  picturesAStep: number;
  /** How long after its flash each beep was heard, in rising order. */
  behindMs: number[];
  /** Of the viewer, for sound. */
  jitterBufferMs: number;
}

/** A flash and a beep of one step: how far apart they are seen and heard, with and without pictures that wait. */
export const lipSync: Scenario = {
  name: 'lip-sync',
  question: 'how long after its picture is sound heard, and what does it cost to bring them together?',
  defaults: { seconds: '12' },
  async run(context) {
    const rows: Row[] = [];
    for (const engine of context.options.engines)
      for (const setting of ['off', 'on'])
        for (const picturesAStep of PICTURES_A_STEP)
          rows.push(await measure({ engine, lipSync: setting, picturesAStep }, context));
    return { text: report(rows), results: rows };
  },
};

async function measure(
  what: Pick<Row, 'engine' | 'lipSync' | 'picturesAStep'>,
  { browser: executablePath, options, signal, say }: ScenarioContext,
): Promise<Row> {
  signal.throwIfAborted();
  const host = await Host.start({
    engine: what.engine,
    model: 'test/models/flash.py',
    args: [`--lip-sync=${what.lipSync}`],
    env: { REACTOR_TEST_BATCH: String(what.picturesAStep) },
  });
  const browser = await launchLoopbackBrowser(executablePath, {
    args: ['--autoplay-policy=no-user-gesture-required'],
  });
  try {
    const page = await browser.newPage({ bypassCSP: true });
    const listener = await SoundListener.connect(page, host.url, { audio: 1, video: 1, nack: true });
    const counters = () => listener.counters('main_audio');
    const packets = async () => (await counters()).packetsReceived;
    await waitUntil('ten seconds of sound', packets, (count) => count > LEARNT_PACKETS, 60_000);
    const before = await counters();
    const behindMs = await listener.behindMs('main_video', 'main_audio', options.seconds);
    const after = await counters();
    const row = { ...what, behindMs, jitterBufferMs: jitterBufferMs(before, after) };
    say(
      `${what.engine}, lip sync ${what.lipSync}, ${what.picturesAStep} a step: ${figure(median(row), 0)} ms`,
    );
    return row;
  } finally {
    await browser.close();
    await host.stop();
  }
}

function jitterBufferMs(before: SoundCounters, after: SoundCounters): number {
  const emitted = after.jitterBufferEmittedCount - before.jitterBufferEmittedCount;
  return (1000 * (after.jitterBufferDelay - before.jitterBufferDelay)) / emitted;
}

function median({ behindMs }: Row): number | undefined {
  return behindMs[behindMs.length >> 1];
}

function report(rows: Row[]): string {
  return [
    table(
      [
        ['engine', ''],
        ['lip sync', ''],
        ['a step', 'pictures'],
        ['sound behind picture', 'ms'],
        ['least', 'ms'],
        ['most', 'ms'],
        ["viewer's jitter buffer", 'ms'],
        ['pictures wait', 'ms'],
      ],
      rows.map((row) => {
        const off = rows.find(
          (other) =>
            other.engine === row.engine &&
            other.picturesAStep === row.picturesAStep &&
            other.lipSync === 'off',
        );
        const wait = off && row !== off ? (median(off) ?? 0) - (median(row) ?? 0) : 0;
        return [
          row.engine,
          row.lipSync,
          String(row.picturesAStep),
          figure(median(row), 0),
          figure(row.behindMs[0], 0),
          figure(row.behindMs.at(-1), 0),
          figure(row.jitterBufferMs, 0),
          figure(wait, 0),
        ];
      }),
    ),
    'pictures wait: the difference to the same without lip sync.',
  ].join('\n');
}
