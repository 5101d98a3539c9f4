import { expect, test, vi } from 'vitest';
import { channelFromViewer } from '../../protocol/data-channel.ts';
import { MAX_CHANNEL_MESSAGE_CHARS } from '../../protocol/limits.ts';
import { CommandSender } from './command-sender.ts';

const failure = {
  code: 'invalid-command',
  message: 'speed: 9 is more than 4',
  hint: 'send a speed of at most 4',
  field: 'speed',
  limit: { le: 4 },
};

function setUp() {
  const channel = { isOpen: true };
  const sent: unknown[] = [];
  const refused: unknown[] = [];
  const sender = new CommandSender({
    send: (text) => {
      if (channel.isOpen) sent.push(channelFromViewer.parse(JSON.parse(text)));
      return channel.isOpen;
    },
    onRefused: (command, { code }) => refused.push([command, code]),
  });
  return { sender, channel, sent, refused };
}

test('each answer reaches who waits for it, in whatever order they come', async () => {
  const { sender, sent } = setUp();
  const first = sender.call('set_speed', { speed: 9 });
  const second = sender.call('set_speed', { speed: 2 });
  expect(sent).toEqual([
    { scope: 'application', data: { type: 'set_speed', data: { speed: 9 }, request_id: 1 } },
    { scope: 'application', data: { type: 'set_speed', data: { speed: 2 }, request_id: 2 } },
  ]);
  sender.read({ type: 'command_result', data: { request_id: 2, command: 'set_speed' } });
  sender.read({ type: 'command_error', data: { request_id: 1, command: 'set_speed', error: failure } });
  expect(await first).toEqual(failure);
  expect(await second).toBeNull();
});

test('without a channel nothing is sent, and the caller is told', async () => {
  const { sender, channel, sent, refused } = setUp();
  channel.isOpen = false;
  expect(await sender.call('clear', {})).toMatchObject({ code: 'not-connected' });
  sender.cast('key', { key: 'w' });
  expect([sent, refused]).toEqual([[], []]);
});

test('a channel that closes ends the waiting', async () => {
  const { sender } = setUp();
  const call = sender.call('clear', {});
  sender.disconnected();
  expect(await call).toMatchObject({ code: 'not-connected', message: expect.stringMatching(/lost/) });
});

test('a command that the host has dropped is not waited for without end', async () => {
  vi.useFakeTimers();
  try {
    const { sender } = setUp();
    const call = sender.call('clear', {});
    // Longer than the 30 s of the host's own limit.
    vi.advanceTimersByTime(30_000);
    sender.read({ type: 'command_result', data: { request_id: 99, command: 'clear' } });
    vi.advanceTimersByTime(5_000);
    expect(await call).toMatchObject({ code: 'no-answer' });
  } finally {
    vi.useRealTimers();
  }
});

test('what nobody waits for is told where it was refused', () => {
  const { sender, sent, refused } = setUp();
  sender.cast('key', { key: 'w' });
  expect(sent).toEqual([{ scope: 'application', data: { type: 'key', data: { key: 'w' } } }]);
  sender.read({ type: 'command_error', data: { request_id: null, command: 'key', error: failure } });
  expect(refused).toEqual([['key', 'invalid-command']]);
});

test('what the host would not take as one message is not sent', async () => {
  const { sender, sent } = setUp();
  const text = 'x'.repeat(MAX_CHANNEL_MESSAGE_CHARS);
  expect(await sender.call('set_prompt', { prompt: text })).toMatchObject({ code: 'message-too-large' });
  expect(sent).toEqual([]);
});
