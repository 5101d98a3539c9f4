import { expect, it } from 'vitest';
import { splitPictures, summarizeSplit } from './stages.ts';

const CLOCK_US = 7_000_000;

/** Picture `index` is drawn at `index` * 100 ms, yielded 1 ms later, and every further stage takes so many ms. */
function picture(index: number, [convert, handOver, queue, encode, send, network, buffer, decode]: number[]) {
  const ms = [convert, handOver, queue, encode, send, network, buffer, decode].map((each) => each ?? 0);
  const timeUs = CLOCK_US + index * 100_000;
  const sentUs = timeUs + 1000 * (1 + ms.slice(0, 5).reduce((sum, each) => sum + each, 0));
  const receivedUs = sentUs + 1000 * (ms[5] ?? 0);
  const decodedUs = receivedUs + 1000 * ((ms[6] ?? 0) + (ms[7] ?? 0));
  const rtpTimestamp = 90 * index;
  return {
    seen: {
      ...{ seenUs: decodedUs - CLOCK_US, timeUs, index, rtpTimestamp },
      ...{ width: 1280, height: 720 },
    },
    receipt: { rtpTimestamp, receivedUs: receivedUs - CLOCK_US, decodeMs: ms[7] ?? 0 },
    sent: {
      capture_us: timeUs + 1000,
      convert_ms: ms[0] ?? 0,
      hand_over_ms: ms[1] ?? 0,
      queue_ms: ms[2] ?? 0,
      encode_ms: ms[3] ?? 0,
      send_ms: ms[4] ?? 0,
      key: index === 0,
      bytes: 1000,
    },
  };
}

const steady = [1, 2, 0.5, 8, 0.5, 1, 2, 3];

it('splits each picture into stages that add up to its latency, whoever told of them', () => {
  const all = [picture(0, [2, 2, 0.5, 20, 0.5, 1, 2, 3]), picture(1, steady), picture(2, steady)];
  const seen = {
    // The second is repeated, and nobody was sent the third.
    pictures: [all[0], all[1], all[1], all[2]].flatMap((each) => (each ? [each.seen] : [])),
    receipts: all.map(({ receipt }) => receipt),
  };
  const splits = splitPictures(
    seen,
    CLOCK_US,
    [all[1], all[0]].flatMap((each) => (each ? [each.sent] : [])),
  );
  expect(splits.map(({ index, key }) => [index, key])).toEqual([
    [0, true],
    [1, false],
    [2, null],
  ]);
  for (const { latencyMs, stages } of splits.slice(0, 2)) {
    const sum = Object.values(stages).reduce<number>((total, ms) => total + (ms ?? 0), 0);
    expect(sum).toBeCloseTo(latencyMs, 6);
  }
  expect(splits[1]?.stages).toMatchObject({ draw: 1, encode: 8, decode: 3 });
  expect(splits[1]?.stages.network).toBeCloseTo(1, 6);
  expect(splits[2]?.stages).toMatchObject({ encode: null, network: null, decode: 3 });
});

it('tells which stages made the slowest twentieth slow, and how many of it were key frames', () => {
  const all = [picture(0, [1, 2, 0.5, 28, 0.5, 1, 2, 3])];
  for (let index = 1; index < 20; index += 1) all.push(picture(index, steady));
  const split = summarizeSplit(
    splitPictures(
      { pictures: all.map(({ seen }) => seen), receipts: all.map(({ receipt }) => receipt) },
      CLOCK_US,
      all.map(({ sent }) => sent),
    ),
  );
  expect(split).toMatchObject({ pictures: 20, slowestPictures: 1, slowestKeyFrames: 1 });
  expect(split?.stages.encode).toEqual({ p50: 8, p95: 8 });
  expect(split?.codingMs).toEqual({ p50: 11, p95: 11 });
  expect(split?.slowest.encode).toBeCloseTo(20, 6);
  expect(split?.slowest.decode).toBeCloseTo(0, 6);
});

it('without a browser that tells there is no split', () => {
  const { seen } = picture(0, steady);
  expect(summarizeSplit(splitPictures({ pictures: [seen], receipts: [] }, CLOCK_US, []))).toBeNull();
});
