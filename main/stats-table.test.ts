import { afterEach, beforeEach, expect, test } from 'vitest';
import { statsTable } from './stats-table.ts';
import { pageReport, startStatistics } from './test-statistics.ts';

let around: ReturnType<typeof startStatistics>;
beforeEach(() => {
  around = startStatistics();
});
afterEach(() => around.statistics.close());

function shown(viewerIds: string[]): string {
  around.page.emit(pageReport(viewerIds));
  const { latest } = around.statistics;
  if (!latest) throw new Error('no report');
  return statsTable({
    ...latest,
    started_ms: latest.time_ms - 3_725_000,
    version: '1.2.3',
    processes: [{ role: 'host', cpu_s: 1, cpu_share: 0.126, resident_bytes: 88_600_000 }],
    event_loop_delay_ms: { p50: 0.1, p99: 1.25, max: 7.5 },
  });
}

test('each part has its table, numbers stand to the right', () => {
  expect(shown(['first-viewer-0', 'second-viewer-'])).toMatchInlineSnapshot(`
    "reactor-host 1.2.3 (chromium), up 1:02:05, model running, restarts 2, commands 0 run, 0 failed, overloaded: 75% of the rate

    process  CPU  MB
    host     13%  89  event loop late: p99 1.3, max 7.5 ms

    track       in fps      size  received  dropped: model  host  page  repeated  ms to encoder
    main_video    30.0  1280x720       300               4     1     9         1        1.0/2.0

    sound       received  sent s  lost ms  buffered ms
    main_audio        50     5.0       20         40.0

    encoder     codec  by          size   fps  kbps  target  encode ms  dropped  viewers
    main_video  vp9    libvpx  1280x720  30.0  3850    4400    1.0/2.0        4        1
    main_video  vp9    libvpx  1280x720  30.0  1400    1600    1.0/2.0        4        1

    viewer    client  track       codec      size   fps  kbps  target  link  rtt ms  lost  jitter ms  NACK  PLI  again  late ms  limited by
    first-vi  c11e47  main_video  VP9    1280x720  30.0  4000    4400  8000    13.0   25%        1.5     5    1      6     45.0  bandwidth
                      main_audio  opus                   4000    4400          13.0   25%        1.5     5    1      6     45.0  bandwidth
    second-v  c11e47  main_video  VP9    1280x720  30.0  4000    4400  8000    13.0   25%        1.5     5    1      6     45.0  bandwidth
                      main_audio  opus                   4000    4400          13.0   25%        1.5     5    1      6     45.0  bandwidth"
  `);
});

test('without viewers their table is left out', () => {
  expect(shown([])).not.toContain('viewer  ');
});
