import { expect, test } from 'vitest';
import { type JoinedViewer, Viewers } from './viewers.ts';

function viewers() {
  let nowMs = 1000;
  const all = new Viewers(() => nowMs);
  const events: string[] = [];
  all.changed.on(({ id }, state) => events.push(`${id} ${state}`));
  all.connectedChanged.on(({ id, connected }) => events.push(`${id} ${connected ? 'here' : 'gone'}`));
  const description = { offer: '', answer: '' };
  const add = (id: string, offersChannel = false, clientId = `client-of-${id}`, observer = false) =>
    all.add({
      id,
      clientId,
      etag: '"1"',
      remoteUfrag: 'u',
      firstMid: '0',
      offersChannel,
      observer,
      description,
    });
  const wait = (ms: number): string[] => {
    nowMs += ms;
    return all.tick().map(({ id }: JoinedViewer) => id);
  };
  return { all, add, wait, events };
}

test('a viewer without a channel is there when its connection is', () => {
  const { all, add, events } = viewers();
  add('a');
  all.setState('a', 'connecting');
  all.setState('a', 'connected');
  all.setState('a', 'connected');
  all.remove('a');
  expect(events).toEqual(['a new', 'a connecting', 'a connected', 'a here', 'a gone', 'a closed']);
});

test.each([[['connected', 'channel']], [['channel', 'connected']]])(
  'one with a channel is there when both are: %j',
  (order) => {
    const { all, add, events } = viewers();
    add('a', true);
    for (const what of order) {
      expect(all.connected).toEqual([]);
      if (what === 'channel') all.setChannel('a', true);
      else all.setState('a', 'connected');
    }
    expect(all.connected.map(({ id }) => id)).toEqual(['a']);
    expect(events.filter((each) => each === 'a here')).toHaveLength(1);
  },
);

test('one that offered a channel and opens none is not kept waiting for ever', () => {
  const { all, add, wait } = viewers();
  add('a', true);
  all.setState('a', 'connected');
  wait(4_999);
  expect(all.connected).toEqual([]);
  wait(1);
  expect(all.connected).toHaveLength(1);
});

test('a lost channel or a lost packet does not end it', () => {
  const { all, add, wait } = viewers();
  add('a', true);
  all.setState('a', 'connected');
  all.setChannel('a', true);
  all.setChannel('a', false);
  all.setState('a', 'disconnected');
  expect(wait(12_999)).toEqual([]);
  expect(all.connected).toHaveLength(1);
  // ICE has restarted, long after the viewer came.
  all.setState('a', 'connecting');
  expect(wait(40_000)).toEqual([]);
  all.setState('a', 'connected');
  expect(wait(1_000_000)).toEqual([]);
});

test('one that stays disconnected frees its place after 13 s', () => {
  const { all, add, wait, events } = viewers();
  add('a');
  all.setState('a', 'connected');
  wait(60_000);
  all.setState('a', 'disconnected');
  expect(wait(13_000)).toEqual(['a']);
  expect(all.size).toBe(0);
  expect(events.slice(-2)).toEqual(['a gone', 'a closed']);
});

test('one that never connects frees its place after 45 s', () => {
  const { add, wait } = viewers();
  add('a');
  expect(wait(44_999)).toEqual([]);
  expect(wait(1)).toEqual(['a']);
});

test('a failed connection is gone, and a client is found', () => {
  const { all, add } = viewers();
  add('a');
  add('b', false, 'me');
  expect(all.ofClient('me')?.id).toBe('b');
  all.setState('b', 'failed');
  expect(all.ofClient('me')).toBeUndefined();
  expect(all.all.map(({ id }) => id)).toEqual(['a']);
});

test('a goodbye that comes after the connection has closed is in order, once', () => {
  const { all, add } = viewers();
  add('a');
  expect(all.hadLeft('a')).toBe(false);
  all.setState('a', 'closed');
  expect(all.hadLeft('a')).toBe(true);
  expect(all.hadLeft('a')).toBe(false);
  // Sent away by its DELETE: what the page tells of it afterwards is no goodbye to wait for.
  add('b');
  all.remove('b');
  all.setState('b', 'closed');
  expect(all.hadLeft('b')).toBe(false);
  for (let at = 0; at < 1001; at += 1) {
    add(String(at));
    all.setState(String(at), 'closed');
  }
  expect(all.hadLeft('0')).toBe(false);
  expect(all.hadLeft('1000')).toBe(true);
});
