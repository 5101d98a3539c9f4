import { expect, test } from 'vitest';
import { MessageBuffer } from './message-buffer.ts';

function filled(): MessageBuffer {
  const buffer = new MessageBuffer(4);
  buffer.add('painted', 'count 1', 10);
  buffer.add('said', 'text Hello there', 20);
  buffer.add('painted', 'count 2', 30);
  return buffer;
}

test('the newest, so many and no more', () => {
  const buffer = filled();
  for (const count of [3, 4]) buffer.add('painted', `count ${count}`, 40);
  expect(buffer.find({ kind: '', text: '' }).map(({ id }) => id)).toEqual([2, 3, 4, 5]);
  expect(buffer.kinds).toEqual(['painted', 'said']);
});

test.each([
  [{ kind: '', text: '' }, [1, 2, 3]],
  [{ kind: 'painted', text: '' }, [1, 3]],
  [{ kind: '', text: 'hello' }, [2]],
  [{ kind: '', text: ' there  HELLO ' }, [2]],
  [{ kind: '', text: 'said' }, [2]],
  [{ kind: 'painted', text: '2' }, [3]],
  [{ kind: 'painted', text: 'hello' }, []],
])('by kind and text: %j', (filter, ids) => {
  expect(
    filled()
      .find(filter)
      .map(({ id }) => id),
  ).toEqual(ids);
});

test('cleared, it counts on', () => {
  const buffer = filled();
  buffer.clear();
  expect(buffer.find({ kind: '', text: '' })).toEqual([]);
  expect(buffer.add('said', '', 50).id).toBe(4);
});
