import { expect, test, vi } from 'vitest';
import type { ChannelFromViewer, TrackMap } from '../../protocol/data-channel.ts';
import { EncoderError } from './encoder-error.ts';
import { ViewerChannel, type ViewerDataChannel } from './viewer-channel.ts';

const TRACK_MAP: TrackMap = { type: 'track_map', data: { tracks: [] } };
const COMMAND = '{"scope": "application", "data": {"type": "jump"}}';

/** The viewer's end and the channel in one. */
class FakeChannel {
  readyState: RTCDataChannelState = 'connecting';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  binaryType: BinaryType = 'blob';
  onbufferedamountlow: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  readonly heard: { scope: string; data: { type: string; data: { code?: string } } }[] = [];

  send(text: string): void {
    this.heard.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 'closed';
    this.onclose?.();
  }

  open(): void {
    this.readyState = 'open';
    this.onopen?.();
  }

  say(data: unknown): void {
    this.onmessage?.({ data });
  }

  get types(): string[] {
    return this.heard.map(({ data }) => data.data.code ?? data.type);
  }
}

function channel() {
  let nowMs = 0;
  const opened: boolean[] = [];
  const messages: ChannelFromViewer[] = [];
  const onMessage = vi.fn((message: ChannelFromViewer) => {
    messages.push(message);
  });
  const viewer = new ViewerChannel({
    nowMs: () => nowMs,
    maxMessageBytes: () => 65_536,
    greeting: () => TRACK_MAP,
    onOpen: (isOpen) => opened.push(isOpen),
    onMessage,
    onWarning: () => {},
  });
  const adopt = (isOpen = true) => {
    const fake = new FakeChannel();
    if (isOpen) fake.readyState = 'open';
    viewer.adopt(fake as unknown as ViewerDataChannel);
    return fake;
  };
  const wait = (ms: number) => {
    nowMs += ms;
  };
  return { viewer, adopt, opened, messages, onMessage, wait };
}

test('the greeting comes first, once, before anybody else may speak', () => {
  const { viewer, adopt, opened } = channel();
  expect(viewer.stats).toBeUndefined();
  const fake = adopt(false);
  viewer.tell({ scope: 'application', data: { type: 'early', data: {} } });
  expect(opened).toEqual([]);
  fake.open();
  viewer.tell({ scope: 'application', data: { type: 'hello', data: {} } });
  expect(fake.types).toEqual(['track_map', 'hello']);
  expect(opened).toEqual([true]);
  // Chromium announces an open channel, and then says that it has opened.
  const second = adopt();
  second.open();
  expect(second.types).toEqual(['track_map']);
});

test('the newest channel is spoken on, all are read, and the last one ends it', () => {
  const { viewer, adopt, opened, messages } = channel();
  const first = adopt();
  const second = adopt();
  viewer.tell({ scope: 'application', data: { type: 'hello', data: {} } });
  first.say(COMMAND);
  expect([first.types, second.types]).toEqual([['track_map'], ['track_map', 'hello']]);
  expect(messages).toHaveLength(1);
  second.close();
  viewer.tell({ scope: 'application', data: { type: 'again', data: {} } });
  expect(first.types).toEqual(['track_map', 'again']);
  expect(opened).toEqual([true, true]);
  first.close();
  expect(opened).toEqual([true, true, false]);
  expect(viewer.stats).toMatchObject({ open: false, received: 1, sent: 4 });
});

test('more channels than anybody needs are closed', () => {
  const { adopt } = channel();
  const all = [1, 2, 3, 4, 5].map(() => adopt());
  expect(all.map(({ readyState }) => readyState)).toEqual(['open', 'open', 'open', 'open', 'closed']);
});

test('what is not understood is answered, counted and not passed on', async () => {
  const { viewer, adopt, messages } = channel();
  const fake = adopt();
  for (const data of [new ArrayBuffer(8), 'x', '"'.padEnd(300_000), COMMAND]) fake.say(data);
  await vi.waitFor(() => expect(messages).toHaveLength(1));
  expect(fake.types).toEqual(['track_map', 'malformed-message', 'malformed-message', 'too-large']);
  expect(viewer.stats).toMatchObject({ received: 4, refused: 3 });
});

test('what could not be done is told', async () => {
  const { adopt, onMessage } = channel();
  const fake = adopt();
  onMessage.mockImplementation(() => {
    throw new EncoderError('unknown-track', 'no track x', 'its tracks are: y');
  });
  fake.say(COMMAND);
  await vi.waitFor(() => expect(fake.types).toEqual(['track_map', 'unknown-track']));
});

test('a client that sends too much is told so once, and its next second is its own', () => {
  const { viewer, adopt, messages, wait } = channel();
  const fake = adopt();
  for (let i = 0; i < 300; i++) fake.say(COMMAND);
  expect(messages).toHaveLength(200);
  expect(fake.types).toEqual(['track_map', 'too-many-messages']);
  expect(viewer.stats).toMatchObject({ received: 300, refused: 100 });
  wait(1000);
  for (let i = 0; i < 200; i++) fake.say(COMMAND);
  expect(messages).toHaveLength(400);
});

test('a long message counts as several', () => {
  const { adopt, messages } = channel();
  const fake = adopt();
  const long = `{"scope": "application", "data": {"type": "jump", "data": {"text": "${'x'.repeat(200_000)}"}}}`;
  for (let i = 0; i < 20; i++) fake.say(long);
  expect(messages).toHaveLength(15);
});

test('a client that keeps flooding is cut off', () => {
  const { adopt, wait, opened, messages } = channel();
  const fake = adopt();
  let seconds = 0;
  while (fake.readyState === 'open' && seconds < 60) {
    for (let i = 0; i < 100; i++) {
      for (let k = 0; k < 5; k++) fake.say(COMMAND);
      wait(10);
    }
    seconds++;
  }
  expect(seconds).toBeLessThan(10);
  expect(fake.types.at(-1)).toBe('too-many-messages');
  expect(opened).toEqual([true, false]);
  const before = messages.length;
  fake.say(COMMAND);
  expect(messages).toHaveLength(before);
  expect(adopt().readyState).toBe('closed');
});

test('one that sends a little too much never is', () => {
  const { adopt, wait } = channel();
  const fake = adopt();
  for (let i = 0; i < 60 * 240; i++) {
    fake.say(COMMAND);
    wait(1000 / 240);
  }
  expect(fake.readyState).toBe('open');
});
