import { expect, test } from 'vitest';
import { readChannelMessage } from './channel-message.ts';

test('a track is paused and resumed by name', () => {
  const message = { type: 'pause_track', data: { track: 'main_video' } };
  expect(readChannelMessage(JSON.stringify({ scope: 'runtime', data: message }))).toEqual(message);
});

test("what is for the model is not the host's", () => {
  const message = { scope: 'application', data: { type: 'set_prompt', data: { prompt: 'a meadow' } } };
  expect(readChannelMessage(JSON.stringify(message))).toBeUndefined();
});

test.each([
  ['binary', new ArrayBuffer(3), 'is not text'],
  ['too long', '"'.padEnd(300_000), 'has 300000 characters, more than 262144'],
  ['not JSON', 'pause', 'is not JSON'],
  ['nothing', 'null', 'was not understood'],
  ['of no scope', '{"type": "pause_track"}', 'was not understood'],
  ['unknown', '{"scope": "runtime", "data": {"type": "stop", "data": {}}}', 'was not understood'],
  [
    'without a track',
    '{"scope": "runtime", "data": {"type": "pause_track", "data": {}}}',
    'was not understood',
  ],
])('%s is refused with words', (_name, text, words) => {
  expect(() => readChannelMessage(text)).toThrow(
    expect.objectContaining({ code: 'malformed-message', message: expect.stringContaining(words) }),
  );
});
