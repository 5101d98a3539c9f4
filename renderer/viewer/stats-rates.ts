/**
 * Rates from counters of getStats (https://www.w3.org/TR/webrtc-stats/), by the difference of two readings.
 *
 * @packageDocumentation
 */

/** What is read of one receiver; null where the browser does not tell. Times in seconds are its own unit, kept. */
export interface ReceiverReading {
  /** Of the reading, in milliseconds. */
  atMs: number;
  /** A new stream begins with counters at zero. */
  streamId: string;
  codec: string | null;
  width: number | null;
  height: number | null;
  bytes: number;
  packets: number;
  packetsLost: number;
  framesReceived: number | null;
  framesDecoded: number | null;
  framesDropped: number | null;
  /** Sum over all frames decoded: from the first packet's arrival until decoded. */
  processingS: number | null;
  freezes: number | null;
  /** Sound: samples played, and of these what the jitter buffer invented for what did not come. */
  samples: number | null;
  concealedSamples: number | null;
  roundTripMs: number | null;
}

export interface ReceiverRates {
  codec: string | null;
  width: number | null;
  height: number | null;
  fps: number | null;
  bitrateBps: number | null;
  /** From the first packet's arrival until decoded, mean over the last interval. */
  processingMs: number | null;
  /** Share of packets lost in the last interval, 0 to 1. */
  loss: number | null;
  framesDropped: number | null;
  freezes: number | null;
  /** Sound: share of the last interval that the jitter buffer invented, 0 to 1. */
  concealed: number | null;
  roundTripMs: number | null;
}

type Stats = Record<string, unknown>;

/** Takes what is needed from the report of one receiver; null before its stream has begun. */
export function readReceiver(report: Iterable<Stats>, atMs: number): ReceiverReading | null {
  const all = [...report];
  const inbound = all.find(({ type }) => type === 'inbound-rtp');
  if (!inbound) return null;
  const codec = all.find(({ id }) => id === inbound.codecId);
  const pair =
    all.find(({ type, id }) => type === 'candidate-pair' && id === selectedPair(all)) ??
    all.find(({ type, state, nominated }) => type === 'candidate-pair' && state === 'succeeded' && nominated);
  const roundTripS = pair ? number(pair, 'currentRoundTripTime') : null;
  return {
    atMs,
    streamId: String(inbound.id),
    codec: typeof codec?.mimeType === 'string' ? (codec.mimeType.split('/')[1] ?? null) : null,
    width: number(inbound, 'frameWidth'),
    height: number(inbound, 'frameHeight'),
    bytes: number(inbound, 'bytesReceived') ?? 0,
    packets: number(inbound, 'packetsReceived') ?? 0,
    packetsLost: number(inbound, 'packetsLost') ?? 0,
    framesReceived: number(inbound, 'framesReceived'),
    framesDecoded: number(inbound, 'framesDecoded'),
    framesDropped: number(inbound, 'framesDropped'),
    processingS: number(inbound, 'totalProcessingDelay') ?? number(inbound, 'jitterBufferDelay'),
    freezes: number(inbound, 'freezeCount'),
    samples: number(inbound, 'totalSamplesReceived'),
    concealedSamples: number(inbound, 'concealedSamples'),
    roundTripMs: roundTripS === null ? null : roundTripS * 1000,
  };
}

/** What happened between two readings of the same receiver. Without an earlier one only what is no rate. */
export function receiverRates(before: ReceiverReading | null, now: ReceiverReading): ReceiverRates {
  const { codec, width, height, framesDropped, freezes, roundTripMs } = now;
  const rates: ReceiverRates = {
    codec,
    width,
    height,
    fps: null,
    bitrateBps: null,
    processingMs: null,
    loss: null,
    framesDropped,
    freezes,
    concealed: null,
    roundTripMs,
  };
  if (before === null || before.streamId !== now.streamId || now.atMs <= before.atMs) return rates;
  const seconds = (now.atMs - before.atMs) / 1000;
  const frames = difference(before.framesDecoded, now.framesDecoded);
  const processing = difference(before.processingS, now.processingS);
  const packets = now.packets - before.packets;
  // A packet that came late after all is taken off the count of lost ones.
  const lost = Math.max(0, now.packetsLost - before.packetsLost);
  rates.fps = frames === null ? null : frames / seconds;
  rates.bitrateBps = ((now.bytes - before.bytes) * 8) / seconds;
  rates.processingMs = frames && processing !== null ? (processing / frames) * 1000 : null;
  rates.loss = packets + lost > 0 ? lost / (packets + lost) : null;
  const samples = difference(before.samples, now.samples);
  const concealed = difference(before.concealedSamples, now.concealedSamples);
  rates.concealed = samples && concealed !== null ? concealed / samples : null;
  return rates;
}

function selectedPair(all: Stats[]): unknown {
  return all.find(({ type }) => type === 'transport')?.selectedCandidatePairId;
}

function number(stats: Stats, name: string): number | null {
  const value = stats[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function difference(before: number | null, now: number | null): number | null {
  return before === null || now === null || now < before ? null : now - before;
}
