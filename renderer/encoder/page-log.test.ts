import { expect, test } from 'vitest';
import { PageLog } from './page-log.ts';

test('a line that repeats is sent once a second, with the count of the others', () => {
  const sent: string[] = [];
  let nowMs = 0;
  const log = new PageLog(
    ({ level, message, viewer_id }) => sent.push([level, message, viewer_id].join(' ').trimEnd()),
    () => nowMs,
  );
  for (nowMs = 0; nowMs < 1000; nowMs += 100) log.warn('lost');
  log.info('else');
  log.warn('lost', 'of-a-viewer');
  nowMs = 1000;
  log.warn('lost');
  nowMs = 3000;
  log.warn('lost');
  expect(sent).toEqual([
    'warn lost',
    'info else',
    'warn lost of-a-viewer',
    'warn lost (and 9 times more)',
    'warn lost',
  ]);
});
