import { expect, test } from 'vitest';
import { NewestFrame } from './newest-frame.ts';

class Frame {
  closed = false;
  constructor(readonly id: number) {}
  close() {
    this.closed = true;
  }
}

/** A writer whose writes end when the test says so. */
function slowWriter() {
  const written: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const write = ({ id }: Frame) => {
    written.push(id);
    return new Promise<void>((resolve, reject) => {
      ends.push((error) => (error ? reject(error) : resolve()));
    });
  };
  const end = async (error?: Error) => {
    ends.shift()?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { written, write, end };
}

test('one is written, the newest waits, those between are closed and counted', async () => {
  const { written, write, end } = slowWriter();
  const newest = new NewestFrame<Frame>(write);
  const frames = [1, 2, 3, 4].map((id) => new Frame(id));
  for (const frame of frames) newest.offer(frame);
  expect(written).toEqual([1]);
  expect(newest.dropped).toBe(2);
  expect(frames.map(({ closed }) => closed)).toEqual([false, true, true, false]);
  await end();
  expect(written).toEqual([1, 4]);
  await end();
  newest.offer(new Frame(5));
  expect(written).toEqual([1, 4, 5]);
});

test('a failed write does not stop the next', async () => {
  const { written, write, end } = slowWriter();
  const newest = new NewestFrame<Frame>(write);
  newest.offer(new Frame(1));
  newest.offer(new Frame(2));
  await end(new Error('closed'));
  expect(written).toEqual([1, 2]);
});

test('clear closes what waits, and it does not count as dropped', async () => {
  const { written, write, end } = slowWriter();
  const newest = new NewestFrame<Frame>(write);
  const waiting = new Frame(2);
  newest.offer(new Frame(1));
  newest.offer(waiting);
  newest.clear();
  expect(waiting.closed).toBe(true);
  await end();
  expect(written).toEqual([1]);
  expect(newest.dropped).toBe(0);
});
