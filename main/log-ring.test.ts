import pino from 'pino';
import { expect, test } from 'vitest';
import { LogRing } from './log-ring.ts';

function ringAndLog() {
  const ring = new LogRing((text) => text.replaceAll('hunter22', '[secret]'));
  const log = pino({ level: 'debug', base: null }, { write: (line: string) => ring.write(line) });
  return { ring, log };
}

test('lines keep their level, origin and fields, without secrets', () => {
  const { ring, log } = ringAndLog();
  log.child({ from: 'model' }).warn({ viewer: 'abcd', code: 'too-late' }, 'the token is hunter22');
  log.debug('quiet');
  expect(ring.lines).toMatchObject([
    {
      sequence: 1,
      level: 'warn',
      from: 'model',
      message: 'the token is [secret]',
      fields: { viewer: 'abcd', code: 'too-late' },
    },
    { sequence: 2, level: 'debug', from: null, message: 'quiet', fields: {} },
  ]);
  expect(ring.lines[0]?.time_ms).toBeGreaterThan(1e12);
});

test('it is bounded, and tells who listens', () => {
  const { ring, log } = ringAndLog();
  const heard: number[] = [];
  const off = ring.added.on(({ sequence }) => heard.push(sequence));
  for (let count = 0; count < 1500; count++) log.info(`line ${count}`);
  off();
  log.info('unheard');
  expect(ring.lines).toHaveLength(1000);
  expect(ring.lines.at(-1)?.message).toBe('unheard');
  expect(heard).toHaveLength(1500);
});

test('of a line that is too long the end is kept; what is no line is left out', () => {
  const { ring, log } = ringAndLog();
  log.error({ traceback: `${'x'.repeat(1e6)}the end`, all: { text: 'y'.repeat(1e6) } }, 'it failed');
  ring.write('not JSON');
  ring.write('{"level":"high"}');
  expect(ring.lines).toHaveLength(1);
  const [line] = ring.lines;
  expect(JSON.stringify(line).length).toBeLessThan(20_000);
  expect(line).toMatchObject({ level: 'error', message: 'it failed', fields: { all: '...' } });
  expect(String(line?.fields.traceback)).toMatch(/^\.\.\. x+the end$/);
});
