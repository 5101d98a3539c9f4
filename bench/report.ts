import type { Column } from './columns.ts';
import type { RunResult } from './run.ts';
import { figure, table } from './table.ts';

/** A contestant that did not run, and why. */
export interface Skipped {
  contestant: string;
  size: string;
  reason: string;
}

/** The table of all runs, and notes below it. */
export function report(
  results: (RunResult | Skipped)[],
  columns: readonly Column[],
  notes: readonly string[] = [],
): string {
  const ran = results.filter((each): each is RunResult => 'summary' in each);
  const rows = results.map((each) =>
    'summary' in each
      ? [each.contestant, ...columns.map(([, , cell]) => cell(each))]
      : [each.contestant, each.size, '(below)'],
  );
  return [
    table([['contestant', ''], ...columns.map(([name, unit]): [string, string] => [name, unit])], rows),
    ...notes,
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
