import { expect, test } from 'vitest';
import { readChannelMessage } from './channel-message.ts';

const read = (scope: string, data: object) => readChannelMessage(JSON.stringify({ scope, data }));

test('a track is paused and resumed by name', () => {
  const data = { type: 'pause_track', data: { track: 'main_video' } };
  expect(read('runtime', data)).toEqual({ scope: 'runtime', data });
});

test('a command comes with or without a request id, and without parameters', () => {
  const data = { type: 'set_prompt', data: { prompt: 'a meadow' }, request_id: 'r1' };
  expect(read('application', data)).toEqual({ scope: 'application', data });
  expect(read('application', { type: 'jump' })).toEqual({
    scope: 'application',
    data: { type: 'jump', data: {} },
  });
});

test('questions to the host need no data', () => {
  for (const type of ['ping', 'requestSchema', 'requestTracks']) {
    expect(read('runtime', { type })).toEqual({ scope: 'runtime', data: { type, data: {} } });
  }
});

test.each([
  ['binary', new ArrayBuffer(3), 'malformed-message', 'is not text'],
  ['too long', '"'.padEnd(300_000), 'too-large', 'has 300000 characters, more than 262144'],
  ['not JSON', 'pause', 'malformed-message', 'is not JSON'],
  ['nothing', 'null', 'malformed-message', 'was not understood'],
  ['of no scope', '{"type": "pause_track"}', 'malformed-message', 'was not understood'],
  [
    'unknown',
    '{"scope": "runtime", "data": {"type": "stop", "data": {}}}',
    'malformed-message',
    'was not understood',
  ],
  [
    'without a track',
    '{"scope": "runtime", "data": {"type": "pause_track", "data": {}}}',
    'malformed-message',
    'was not understood',
  ],
  [
    'a command whose parameters are a list',
    '{"scope": "application", "data": {"type": "jump", "data": []}}',
    'malformed-message',
    'was not understood',
  ],
  [
    'nested without end',
    `{"scope": "application", "data": {"type": "jump", "data": {"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}}}`,
    'malformed-message',
    'nested deeper than 64 levels',
  ],
])('%s is refused with words', (_name, text, code, words) => {
  expect(() => readChannelMessage(text)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(words) }),
  );
});
