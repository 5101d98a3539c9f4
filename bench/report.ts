import type { Scenario } from './options.ts';
import type { RunResult } from './run.ts';
import { figure, table } from './table.ts';

/** A contestant that did not run, and why. */
export interface Skipped {
  contestant: string;
  size: string;
  reason: string;
}

type Column = [name: string, unit: string, cell: (run: RunResult) => string];

const SIZE: Column[] = [
  ['size', '', ({ size }) => size],
  ['codec', '', ({ summary }) => summary.codec],
];
const FIRST: Column[] = [
  ['offer to first', 'ms', ({ summary }) => figure(summary.firstPictureMs)],
  ['to full size', 'ms', ({ summary }) => figure(summary.fullSizeMs)],
];
const LATENCY: Column[] = [
  ['p50', 'ms', ({ summary }) => figure(summary.latencyMs.p50, 1)],
  ['p95', 'ms', ({ summary }) => figure(summary.latencyMs.p95, 1)],
];
const FLOW: Column[] = [
  ['fps', '1/s', ({ summary }) => figure(summary.fps, 1)],
  ['longest gap', 'ms', ({ summary }) => figure(summary.longestGapMs)],
];
const QUALITY: Column[] = [
  ['PSNR', 'dB', ({ summary }) => figure(summary.psnrDb, 1)],
  ['received', 'Mbps', ({ summary }) => figure(summary.receivedMbps, 2)],
  ['last size', 'px', ({ summary }) => `${summary.width}x${summary.height}`],
];
const CROWD: Column[] = [
  ['viewers', '', ({ viewers }) => String(viewers)],
  ['tracks', '', ({ tracks }) => String(tracks)],
];
const OTHERS: Column = ['others', 'cores', ({ othersCores }) => figure(othersCores, 2)];

const COLUMNS: Record<Scenario, Column[]> = {
  one: [
    ...SIZE,
    ['start to ready', 'ms', ({ readyMs }) => figure(readyMs)],
    ...FIRST,
    ...LATENCY,
    ['p99', 'ms', ({ summary }) => figure(summary.latencyMs.p99, 1)],
    ...FLOW,
    ...QUALITY,
    ['CPU', 'ms/picture', ({ senderCpuMs }) => figure(senderCpuMs && sum(Object.values(senderCpuMs)), 1)],
    ['jitter buffer', 'ms', ({ summary }) => figure(summary.jitterBufferMs, 1)],
    ['decode', 'ms', ({ summary }) => figure(summary.decodeMs, 1)],
    ['viewer CPU', 'ms/picture', ({ viewerCpuMs }) => figure(viewerCpuMs, 1)],
    OTHERS,
  ],
  viewers: [
    ...SIZE,
    ...CROWD,
    ...FIRST,
    ...LATENCY,
    ...FLOW,
    [
      "crowd's first",
      'ms',
      ({ crowd }) => (crowd ? `${figure(crowd.firstMs.p50)}/${figure(crowd.firstMs.max)}` : '-'),
    ],
    ["crowd's least", '1/s', ({ crowd }) => figure(crowd?.leastFps, 1)],
    ["crowd's gap", 'ms', ({ crowd }) => figure(crowd?.longestGapMs)],
    ...QUALITY,
    ['CPU each', 'ms/picture', ({ cpuEachMs }) => figure(cpuEachMs, 2)],
    ["sender's CPU", 'cores', senderCores],
    OTHERS,
  ],
  soak: [
    ...SIZE,
    ...CROWD,
    ['p50 first 10 s', 'ms', ({ summary }) => figure(summary.firstLatencyMs.p50, 1)],
    ['p50 last 10 s', 'ms', ({ summary }) => figure(summary.lastLatencyMs.p50, 1)],
    ['p95 first 10 s', 'ms', ({ summary }) => figure(summary.firstLatencyMs.p95, 1)],
    ['p95 last 10 s', 'ms', ({ summary }) => figure(summary.lastLatencyMs.p95, 1)],
    ...LATENCY,
    ...FLOW,
    ...QUALITY,
    ["sender's CPU", 'cores', senderCores],
    OTHERS,
  ],
};

const NOTES: Record<Scenario, string[]> = {
  one: [],
  viewers: [
    'The last viewer to come is measured, in a browser; the others (bench/peers/crowd) receive and decode nothing.',
    "crowd's first: offer to the end of the first picture, median and worst; least: of the viewer that got the fewest.",
    "CPU each: of all the sender's processes, a picture that any viewer got.",
  ],
  soak: [],
};

/** The table of all runs, and notes below it. */
export function report(results: (RunResult | Skipped)[], scenario: Scenario): string {
  const ran = results.filter((each): each is RunResult => 'summary' in each);
  const columns = COLUMNS[scenario];
  const rows = results.map((each) =>
    'summary' in each
      ? [each.contestant, ...columns.map(([, , cell]) => cell(each))]
      : [each.contestant, each.size, '(below)'],
  );
  return [
    table([['contestant', ''], ...columns.map(([name, unit]): [string, string] => [name, unit])], rows),
    ...NOTES[scenario],
    '',
    'p50 to p99: glass to decoded, a stamp drawn just before generate returns, read from the decoded picture.',
    'offer to first, to full size: from the POST of the offer; full size is the first picture after which all are.',
    'others: what anything else on the machine used meanwhile; more than some hundredths and the figures are disturbed.',
    "CPU: all of the sender's processes, a delivered picture; by process:",
    ...cpuLines(ran),
    ...stageLines(ran),
    ...ran.flatMap(({ contestant, size, summary }) =>
      summary.unreadable > 0
        ? [
            `${contestant} ${size}: ${summary.unreadable} pictures came too damaged for their stamp to be read; ` +
              'they count in fps and gap, not in latency',
          ]
        : [],
    ),
    ...results.flatMap((each) =>
      'reason' in each ? [`${each.contestant} ${each.size} did not run: ${firstLine(each.reason)}`] : [],
    ),
    ...ran.flatMap(({ contestant, size, leftBehind }) =>
      leftBehind.length > 0
        ? [
            `${contestant} ${size} LEFT PROCESSES BEHIND: ${leftBehind.map((each) => each.slice(0, 100)).join('; ')}`,
          ]
        : [],
    ),
    ...new Set(ran.flatMap(({ about }) => (about ? [about] : []))),
    clockLine(ran),
  ].join('\n');
}

function sum(values: number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

/** How many cores the sender kept busy. */
function senderCores({ senderCpuMs, summary }: RunResult): string {
  return figure(senderCpuMs && (sum(Object.values(senderCpuMs)) * summary.fps) / 1000, 2);
}

function cpuLines(ran: RunResult[]): string[] {
  return ran.flatMap(({ contestant, size, senderCpuMs }) => {
    if (!senderCpuMs) return [];
    const parts = Object.entries(senderCpuMs)
      // Under a tenth of the smallest unit shown.
      .filter(([, ms]) => ms >= 0.05)
      .map(([role, ms]) => `${role} ${figure(ms, 1)}`);
    return [`  ${contestant} ${size}: ${parts.join(', ')}`];
  });
}

function stageLines(ran: RunResult[]): string[] {
  const lines = ran.flatMap(({ contestant, size, viewers, stages }) =>
    stages ? [`  ${contestant} ${size}, ${viewers} viewers: ${stages}`] : [],
  );
  return lines.length > 0 ? ["the sender's own statistics over the last seconds, p50/p95:", ...lines] : [];
}

/** What follows it, a sender's output, was printed when it failed. */
function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function clockLine(ran: RunResult[]): string {
  if (ran.length === 0) return '';
  const worst = (of: (run: RunResult) => number) => figure(Math.max(...ran.map(of)) / 1000, 2);
  return (
    `clock: the viewer's is matched to CLOCK_MONOTONIC within ${worst(({ clock }) => clock.errorUs)} ms ` +
    `(drift to the end at most ${worst(({ clock }) => Math.abs(clock.driftUs))} ms)`
  );
}
