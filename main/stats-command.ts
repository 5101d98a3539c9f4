import { type HostStats, hostStats } from '../protocol/stats.ts';
import type { StatsCommand } from './command-line.ts';
import { HostError } from './errors.ts';
import { statsTable } from './stats-table.ts';

/** To the top left, and what was there away: the table is drawn over the last one. */
const REDRAW = '\x1b[H\x1b[J';

export interface StatsOutput {
  write(text: string): void;
  isTerminal: boolean;
}

/**
 * `reactor-host stats`: what a running host measures, until it ends, or once.
 *
 * @throws HostError `unauthorized`, `host-unreachable`.
 */
export async function runStats({ url, token, once, json }: StatsCommand, output: StatsOutput): Promise<void> {
  const shown = json ? (stats: HostStats) => JSON.stringify(stats) : statsTable;
  const redraws = output.isTerminal && !json && !once;
  for await (const stats of readStats(url, token)) {
    output.write(`${redraws ? REDRAW : ''}${shown(stats)}\n${redraws || json || once ? '' : '\n'}`);
    if (once) return;
  }
  throw unreachable(url, 'it has ended');
}

async function* readStats(url: string, token: string | undefined): AsyncGenerator<HostStats> {
  const headers: HeadersInit = token === undefined ? {} : { authorization: `Bearer ${token}` };
  let response: Response;
  try {
    response = await fetch(new URL('events', url), { headers });
  } catch (thrown) {
    const { cause, message } = thrown as Error;
    throw unreachable(url, cause instanceof Error ? cause.message : message);
  }
  if (response.status === 401) {
    const given = token === undefined ? 'needs a token' : 'has another token';
    throw new HostError('unauthorized', `${url} ${given}`, 'give it with --token, or set REACTOR_HOST_TOKEN');
  }
  if (!response.ok || !response.body) throw unreachable(url, `it answers ${response.status}`);
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^event: stats\ndata: (.*)$/m.exec(event)?.[1];
        if (data === undefined) continue;
        const parsed = hostStats.safeParse(JSON.parse(data));
        if (!parsed.success) throw unreachable(url, 'its statistics are of another release');
        yield parsed.data;
      }
    }
  } catch (thrown) {
    if (thrown instanceof HostError) throw thrown;
    throw unreachable(url, 'the connection broke');
  }
}

function unreachable(url: string, why: string): HostError {
  return new HostError(
    'host-unreachable',
    `no statistics of ${url}: ${why}`,
    'give the address that the host printed: reactor-host stats URL',
  );
}
