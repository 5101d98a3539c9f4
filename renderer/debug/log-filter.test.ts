import { expect, test } from 'vitest';
import type { DebugLogLine } from '../../protocol/debug.ts';
import { fieldsText, isWished } from './log-filter.ts';

const line: DebugLogLine = {
  sequence: 1,
  time_ms: 0,
  level: 'warn',
  message: 'The link has fallen',
  from: 'encoder',
  fields: { viewer: '3q2-7wAB', count: 3, more: { a: 1 } },
};
const all = { level: 'debug', from: '', text: '' } as const;

test.each([
  [all, true],
  [{ ...all, level: 'warn' as const }, true],
  [{ ...all, level: 'error' as const }, false],
  [{ ...all, from: 'encoder' }, true],
  [{ ...all, from: 'host' }, false],
  [{ ...all, text: 'LINK has' }, true],
  [{ ...all, text: '3q2-' }, true],
  [{ ...all, text: 'nothing of it' }, false],
])('%j: %s', (wish, isShown) => {
  expect(isWished(line, wish)).toBe(isShown);
});

test('the host itself is a place, too', () => {
  expect(isWished({ ...line, from: null }, { ...all, from: 'host' })).toBe(true);
});

test('fields stand behind the message', () => {
  expect(fieldsText(line)).toBe('viewer=3q2-7wAB count=3 more={"a":1}');
});
