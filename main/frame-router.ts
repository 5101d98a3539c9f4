import type { Ring } from '../protocol/hello.ts';
import type { AckMessage, AudioMessage, FlushMessage, VideoMessage } from '../protocol/media.ts';
import type { Track } from '../protocol/track.ts';
import { HostError } from './errors.ts';
import type { Incoming } from './peer-socket.ts';

/**
 * Bytes that may wait in the socket to the encoder page. Credit bounds them already (two pictures and two seconds of sound
 * a track); this is for a model that ignores credit: five 8K pictures.
 */
const MAX_BUFFERED_BYTES = 256 * 1024 * 1024;

const BYTES_PER_SAMPLE = 2; // int16

export interface TrackCounters {
  kind: Track['kind'];
  /** Messages of the model. */
  received: number;
  /** Of these, sent on to the encoder page. */
  forwarded: number;
  /** Taken and thrown away here: no encoder page was there, or it did not keep up. */
  discarded: number;
  /** Pictures that Python dropped before sending because a newer one came. */
  dropped: number;
}

interface TrackState extends TrackCounters {
  /** The newest sequence number that the encoder page has been given and not acknowledged. */
  outstanding: number | undefined;
  newestSeq: number;
}

/** The few things the router needs of its neighbours. */
export interface FrameRouterPeers {
  encoder: {
    readonly isConnected: boolean;
    readonly bufferedBytes: number;
    forward(bytes: Uint8Array): void;
  };
  model: { send(header: object): void; forward(bytes: Uint8Array): void };
}

/** Passes pictures and sound on, and the credit back. Reads headers only: the bytes are forwarded as they came. */
export class FrameRouter {
  readonly #peers: FrameRouterPeers;
  #tracks = new Map<string, TrackState>();
  #ring: Ring | null = null;

  constructor(peers: FrameRouterPeers) {
    this.#peers = peers;
  }

  /** A model has connected: its sequence numbers begin anew, so acknowledgements for the last one must not reach it. */
  begin(tracks: readonly Track[], ring: Ring | null): void {
    this.#ring = ring;
    this.#tracks = new Map(
      tracks.map(({ name, kind }) => {
        const old = this.#tracks.get(name);
        const { received = 0, forwarded = 0, discarded = 0 } = old?.kind === kind ? old : {};
        return [
          name,
          { kind, received, forwarded, discarded, dropped: 0, outstanding: undefined, newestSeq: -1 },
        ];
      }),
    );
  }

  /** @throws HostError `bad-message` when header, payload and declaration do not fit together. */
  receive(header: VideoMessage | AudioMessage, message: Incoming): void {
    const track = this.#tracks.get(header.track);
    if (!track || track.kind !== header.type) {
      throw bad(`a ${header.type} message for the undeclared ${header.type} track ${header.track}`);
    }
    if (header.type === 'video') this.#checkVideo(header, message.payload);
    else checkAudio(header, message.payload);

    track.received++;
    track.newestSeq = header.seq;
    if (header.type === 'video') track.dropped = header.dropped;
    const { encoder, model } = this.#peers;
    if (encoder.isConnected && encoder.bufferedBytes <= MAX_BUFFERED_BYTES) {
      track.forwarded++;
      track.outstanding = header.seq;
      encoder.forward(message.bytes);
      return;
    }
    track.discarded++;
    if (track.outstanding === undefined) model.send({ type: 'ack', track: header.track, seq: header.seq });
    // Else an older message is still being taken, and an acknowledgement would release that one too.
  }

  /** @throws HostError `bad-message` for a track of sound that was not declared. */
  flush({ track }: FlushMessage, message: Pick<Incoming, 'bytes'>): void {
    if (this.#tracks.get(track)?.kind !== 'audio') {
      throw bad(`a flush message for the undeclared audio track ${track}`);
    }
    this.#peers.encoder.forward(message.bytes);
  }

  /** Credit from the encoder page. One for a model that is gone, or for more than was sent, is swallowed. */
  acknowledge(ack: AckMessage, message: Pick<Incoming, 'bytes'>): void {
    const track = this.#tracks.get(ack.track);
    if (!track || ack.seq > track.newestSeq) return;
    if (track.outstanding !== undefined && ack.seq >= track.outstanding) {
      track.outstanding = undefined;
      if (track.newestSeq > ack.seq) {
        // What was discarded behind it has nobody else to acknowledge it.
        this.#peers.model.send({ type: 'ack', track: ack.track, seq: track.newestSeq });
        return;
      }
    }
    this.#peers.model.forward(message.bytes);
  }

  /** The encoder page is gone, and what it had with it: without credit the model would wait for ever. */
  encoderLost(): void {
    for (const [name, track] of this.#tracks) {
      if (track.outstanding === undefined) continue;
      track.outstanding = undefined;
      this.#peers.model.send({ type: 'ack', track: name, seq: track.newestSeq });
    }
  }

  counters(): Record<string, TrackCounters> {
    return Object.fromEntries(
      [...this.#tracks].map(([name, { kind, received, forwarded, discarded, dropped }]) => [
        name,
        { kind, received, forwarded, discarded, dropped },
      ]),
    );
  }

  #checkVideo(header: VideoMessage, payload: Uint8Array): void {
    const { track, bytes, slot, coded_width, coded_height, width, height } = header;
    // I420 and NV12 alike: a full plane of luma and two quarter planes of chroma.
    const planes = (coded_width * coded_height * 3) / 2;
    if (bytes !== planes)
      throw bad(`${track}: ${bytes} bytes for ${coded_width}x${coded_height}, expected ${planes}`);
    if (width > coded_width || height > coded_height) {
      throw bad(`${track}: ${width}x${height} does not fit into ${coded_width}x${coded_height}`);
    }
    if (slot === null) {
      if (payload.byteLength !== bytes)
        throw bad(`${track}: payload of ${payload.byteLength} bytes, expected ${bytes}`);
      return;
    }
    const ring = this.#ring;
    if (!ring) throw bad(`${track}: a ring slot where no ring was agreed`);
    if (slot >= ring.slots || bytes > ring.slot_bytes) {
      throw bad(
        `${track}: ${bytes} bytes in slot ${slot} of a ring of ${ring.slots} times ${ring.slot_bytes}`,
      );
    }
    if (payload.byteLength !== 0) throw bad(`${track}: a payload beside a ring slot`);
  }
}

function checkAudio({ track, samples, channels }: AudioMessage, payload: Uint8Array): void {
  const expected = samples * channels * BYTES_PER_SAMPLE;
  if (payload.byteLength !== expected) {
    throw bad(`${track}: payload of ${payload.byteLength} bytes, expected ${expected}`);
  }
}

function bad(message: string): HostError {
  return new HostError('bad-message', message, 'install the same release of reactor-host on both sides');
}
