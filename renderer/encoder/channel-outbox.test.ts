import { expect, test, vi } from 'vitest';
import type { ChannelToViewer } from '../../protocol/data-channel.ts';
import { ChannelOutbox } from './channel-outbox.ts';

/** A channel whose link is as slow as the test wants. */
class SlowChannel {
  readyState: RTCDataChannelState = 'open';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  onbufferedamountlow: (() => void) | null = null;
  sent: string[] = [];

  send(text: string): void {
    this.sent.push(text);
    this.bufferedAmount += text.length;
  }

  close(): void {
    this.readyState = 'closing';
  }

  /** The link took everything. */
  flush(): void {
    this.bufferedAmount = 0;
    this.onbufferedamountlow?.();
  }
}

const word = (chars: number, name = 'word'): ChannelToViewer => ({
  scope: 'application',
  data: { type: name, data: { text: 'x'.repeat(chars) } },
});
const TIMING: ChannelToViewer = { scope: 'runtime', data: { type: 'host_timing', data: { tracks: {} } } };

function outbox(maxMessageBytes = 262_144) {
  const channel = new SlowChannel();
  const onDropped = vi.fn();
  const onOverflow = vi.fn();
  const box = new ChannelOutbox({
    channel: channel as never,
    maxMessageBytes: () => maxMessageBytes,
    onDropped,
    onOverflow,
  });
  const types = () => channel.sent.map((text) => JSON.parse(text).data.type);
  return { channel, box, onDropped, onOverflow, types };
}

test('what the link does not take waits, in order', () => {
  const { channel, box, types, onDropped } = outbox();
  box.send(word(200_000, 'a'));
  box.send(word(100_000, 'b'));
  box.send(word(1, 'c'));
  box.send(word(1, 'd'));
  expect(types()).toEqual(['a', 'b']);
  expect(box.waiting).toBe(2);
  channel.flush();
  box.send(word(1, 'e'));
  expect(types()).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(channel.bufferedAmountLowThreshold).toBe(65_536);
  expect(onDropped).not.toHaveBeenCalled();
});

test('timing does not wait: it is dropped and counted', () => {
  const { channel, box, types, onDropped } = outbox();
  box.send(TIMING);
  box.send(word(262_000));
  box.send(word(100));
  box.send(word(1));
  box.send(TIMING);
  expect(onDropped).toHaveBeenCalledTimes(1);
  channel.flush();
  expect(types()).toEqual(['host_timing', 'word', 'word', 'word']);
});

test('a viewer that reads nothing is told why, and cut off', () => {
  const { channel, box, types, onDropped, onOverflow } = outbox();
  box.send(word(262_000));
  box.send(word(100));
  for (let i = 0; i < 5; i++) box.send(word(250_000));
  expect(onOverflow).toHaveBeenCalledTimes(1);
  expect(types()).toEqual(['word', 'word', 'error']);
  expect(JSON.parse(channel.sent.at(-1) ?? '').data.data.code).toBe('viewer-too-slow');
  expect(channel.readyState).toBe('closing');
  expect(onDropped).toHaveBeenCalledTimes(5);
  expect(box.waiting).toBe(0);
});

test('what the viewer could not take is an error, not the end of the channel', () => {
  const { channel, box, types, onDropped } = outbox(1000);
  box.send({ scope: 'application', data: { type: 'poem', data: { text: '€'.repeat(400) } } });
  expect(types()).toEqual(['error']);
  expect(JSON.parse(channel.sent[0] ?? '').data.data).toMatchObject({
    code: 'too-large',
    message: expect.stringContaining('poem has '),
  });
  expect(onDropped).toHaveBeenCalledTimes(1);
  box.send(word(800));
  expect(types()).toEqual(['error', 'word']);
});
