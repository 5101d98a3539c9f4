import type { ClockSample } from './clock-match.ts';
import type { Reference } from './psnr.ts';
import type { PsnrJob, PsnrResult } from './psnr-worker.ts';
import { readStamp, stampHeight } from './stamp.ts';

/**
 * The page that watches: takes each decoded picture from the track as soon as there is one, reads its stamp and keeps
 * figures. Runs in a browser of the bench's own; nothing is shown, because showing would cost CPU of the same machine.
 *
 * @packageDocumentation
 */

/** One decoded picture. */
export interface SeenPicture {
  /** When the page got it, by `performance.now()` in microseconds. */
  seenUs: number;
  /** What the source drew into it; null where no stamp can be read. */
  timeUs: number | null;
  index: number | null;
  width: number;
  height: number;
  /** Of its packets; null where the browser does not tell. */
  rtpTimestamp: number | null;
}

/** What the browser tells of a picture's way, by requestVideoFrameCallback. */
export interface SeenReceipt {
  rtpTimestamp: number;
  /** Its last packet was there, by the clock of `seenUs`. */
  receivedUs: number;
  /** Given to the decoder until decoded. */
  decodeMs: number;
}

/** RTCInboundRtpStreamStats of one moment. Counters and sums are since the start, times in seconds. */
export interface SeenStats {
  seenUs: number;
  codec: string;
  bytesReceived: number;
  framesDecoded: number;
  framesDropped: number;
  packetsLost: number;
  keyFramesDecoded: number;
  nackCount: number;
  retransmittedPacketsReceived: number;
  fecPacketsReceived: number;
  freezeCount: number;
  jitterBufferDelay: number;
  jitterBufferEmittedCount: number;
  totalDecodeTime: number;
  totalProcessingDelay: number;
}

export interface Seen {
  pictures: SeenPicture[];
  stats: SeenStats[];
  psnr: PsnrResult[];
  /** Empty unless asked for. */
  receipts: SeenReceipt[];
}

export interface Offer {
  sdp: string;
  /** The mid of the video, for signalling that names tracks by it. */
  mid: string;
}

export interface WatchOptions {
  width: number;
  height: number;
  referenceWidth: number;
  dataChannels: readonly ClientChannel[];
  /** Video tracks to receive; the first is watched, all are decoded. */
  tracks: number;
  /** Compare not only every tenth picture, but all for so long from the first one on. */
  compareAllMs?: number;
  /** Also note when each picture was received: it has to be shown for that, which costs some CPU. */
  receipts?: boolean;
}

/** A data channel that the sender wants its client to open, and what to say on it, as JSON. */
export interface ClientChannel {
  label: string;
  /** Said once, when it opens. */
  hello?: object;
  /** Said every few seconds. */
  ping?: object;
}

// Enough to see quality change, few enough to leave the CPU to what is measured.
const PSNR_EVERY = 10;
const STATS_PERIOD_MS = 1000;
// What Reactor's published client uses.
const PING_PERIOD_MS = 5000;
// Host candidates come at once; only a broken interface would take longer.
const GATHER_LIMIT_MS = 500;
// A picture that waits here is late, not lost: it is still counted.
const MAX_WAITING_PICTURES = 8;

const nowUs = () => performance.now() * 1000;

class ViewerPage {
  readonly #seen: Seen = { pictures: [], stats: [], psnr: [], receipts: [] };
  readonly #worker = new Worker('/psnr-worker.js');
  readonly #channels = new Map<string, RTCDataChannel>();
  #connection: RTCPeerConnection | undefined;
  #options: WatchOptions | undefined;
  #failure: string | undefined;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<PsnrResult>) => this.#seen.psnr.push(data);
  }

  /** Asks the bench for its clock, `count` times one after the other. */
  async clockSamples(count: number): Promise<ClockSample[]> {
    const socket = new WebSocket(`ws://${location.host}/clock`);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error('the bench does not answer on /clock'));
    });
    const samples: ClockSample[] = [];
    for (let at = 0; at < count; at += 1) {
      const sentUs = nowUs();
      const sample = await new Promise<ClockSample>((resolve) => {
        socket.onmessage = ({ data }) => resolve({ sentUs, receivedUs: nowUs(), otherUs: Number(data) });
        socket.send('');
      });
      samples.push(sample);
    }
    socket.close();
    return samples;
  }

  /** Makes a connection that wants one video track. Returns its offer with all candidates in it. */
  async offer(options: WatchOptions): Promise<Offer> {
    this.#options = options;
    const response = await fetch('/reference');
    const reference: Reference = {
      luma: new Uint8Array(await response.arrayBuffer()),
      width: options.referenceWidth,
      pictureWidth: options.width,
      pictureHeight: options.height,
    };
    this.#worker.postMessage({ reference });
    const connection = new RTCPeerConnection();
    this.#connection = connection;
    const { receiver } = connection.addTransceiver('video', { direction: 'recvonly' });
    for (let further = 1; further < options.tracks; further += 1) {
      connection.addTransceiver('video', { direction: 'recvonly' });
    }
    for (const channel of options.dataChannels) {
      this.#channels.set(channel.label, openChannel(connection, channel));
    }
    connection.ontrack = ({ track }) => {
      if (track !== receiver.track) return;
      this.#watch(receiver.track as MediaStreamVideoTrack).catch((error) => this.#fail(error));
      if (options.receipts) this.#noteReceipts(track);
      setInterval(() => this.#sampleStats(receiver).catch((error) => this.#fail(error)), STATS_PERIOD_MS);
    };
    const gathered = new Promise<void>((resolve) => {
      connection.onicecandidate = ({ candidate }) => !candidate && resolve();
      setTimeout(resolve, GATHER_LIMIT_MS);
    });
    await connection.setLocalDescription(await connection.createOffer());
    await gathered;
    return { sdp: connection.localDescription?.sdp ?? '', mid: connection.getTransceivers()[0]?.mid ?? '' };
  }

  async answer(sdp: string): Promise<void> {
    await this.#connection?.setRemoteDescription({ type: 'answer', sdp });
  }

  /** What was seen so far. @throws what went wrong while watching. */
  seen(): Seen {
    if (this.#failure) throw new Error(this.#failure);
    return this.#seen;
  }

  /** How many pictures with a stamp have come, and what the connection does: cheap enough to be asked while waiting. */
  progress(): { seen: number; stamped: number; state: string } {
    if (this.#failure) throw new Error(this.#failure);
    const stamped = this.#seen.pictures.filter(({ index }) => index !== null).length;
    return { seen: this.#seen.pictures.length, stamped, state: this.#connection?.connectionState ?? 'none' };
  }

  channel(label: string): RTCDataChannel | undefined {
    return this.#channels.get(label);
  }

  close(): void {
    this.#connection?.close();
  }

  async #watch(track: MediaStreamVideoTrack): Promise<void> {
    const processor = new MediaStreamTrackProcessor({ track, maxBufferSize: MAX_WAITING_PICTURES });
    const reader = processor.readable.getReader();
    for (;;) {
      const { value: frame, done } = await reader.read();
      if (done) return;
      const seenUs = nowUs();
      try {
        await this.#take(frame, seenUs);
      } finally {
        frame.close();
      }
    }
  }

  async #take(frame: VideoFrame, seenUs: number): Promise<void> {
    const picture = frame.visibleRect;
    if (!picture || !frame.format || !/^(I420|NV12)/.test(frame.format)) {
      throw new Error(`a decoded picture has the format ${frame.format}; the bench reads I420 and NV12`);
    }
    const { width, height } = picture;
    // Rectangles of subsampled formats are even.
    const rows = Math.min(height, stampHeight(height) + (stampHeight(height) % 2));
    const rect = { x: picture.x, y: picture.y, width: width - (width % 2), height: rows };
    const strip = new Uint8Array(frame.allocationSize({ rect }));
    const [plane] = await frame.copyTo(strip, { rect });
    const luma = strip.subarray(plane?.offset ?? 0);
    const stamp = readStamp(luma, plane?.stride ?? width, width, height);
    this.#seen.pictures.push({
      seenUs,
      timeUs: stamp?.timeUs ?? null,
      index: stamp?.index ?? null,
      width,
      height,
      rtpTimestamp: rtpTimestampOf(frame),
    });
    const full = width === this.#options?.width && height === this.#options.height;
    const firstUs = this.#seen.pictures[0]?.seenUs ?? seenUs;
    const all = seenUs - firstUs < (this.#options?.compareAllMs ?? 0) * 1000;
    if (stamp && full && (all || stamp.index % PSNR_EVERY === 0)) await this.#compare(frame, stamp.index);
  }

  async #compare(frame: VideoFrame, index: number): Promise<void> {
    const bytes = new Uint8Array(frame.allocationSize());
    const [plane] = await frame.copyTo(bytes);
    const job: PsnrJob = {
      luma: bytes.subarray(plane?.offset ?? 0),
      stride: plane?.stride ?? 0,
      index,
      skipRows: stampHeight(this.#options?.height ?? 0),
    };
    this.#worker.postMessage({ job }, [bytes.buffer]);
  }

  #noteReceipts(track: MediaStreamTrack): void {
    const video = document.createElement('video');
    video.muted = true;
    // As small as can be: what is shown is of no interest.
    video.width = 2;
    video.srcObject = new MediaStream([track]);
    document.body.append(video);
    const note = (_: number, told: VideoFrameCallbackMetadata) => {
      const { rtpTimestamp, receiveTime, processingDuration } = told;
      if (rtpTimestamp !== undefined && receiveTime !== undefined && processingDuration !== undefined) {
        this.#seen.receipts.push({
          rtpTimestamp,
          receivedUs: receiveTime * 1000,
          decodeMs: processingDuration * 1000,
        });
      }
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
    video.play().catch((error) => this.#fail(error));
  }

  async #sampleStats(receiver: RTCRtpReceiver): Promise<void> {
    const seenUs = nowUs();
    const report = await receiver.getStats();
    for (const each of report.values()) {
      if (each.type !== 'inbound-rtp') continue;
      this.#seen.stats.push({
        seenUs,
        codec: String(report.get(each.codecId)?.mimeType ?? '').replace('video/', ''),
        bytesReceived: each.bytesReceived ?? 0,
        framesDecoded: each.framesDecoded ?? 0,
        framesDropped: each.framesDropped ?? 0,
        packetsLost: each.packetsLost ?? 0,
        keyFramesDecoded: each.keyFramesDecoded ?? 0,
        nackCount: each.nackCount ?? 0,
        retransmittedPacketsReceived: each.retransmittedPacketsReceived ?? 0,
        fecPacketsReceived: each.fecPacketsReceived ?? 0,
        freezeCount: each.freezeCount ?? 0,
        jitterBufferDelay: each.jitterBufferDelay ?? 0,
        jitterBufferEmittedCount: each.jitterBufferEmittedCount ?? 0,
        totalDecodeTime: each.totalDecodeTime ?? 0,
        totalProcessingDelay: each.totalProcessingDelay ?? 0,
      });
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error.message : String(error);
  }
}

/** Of the WebCodecs VideoFrame metadata registry; not in the type package yet. */
function rtpTimestampOf(frame: VideoFrame): number | null {
  const { metadata } = frame as VideoFrame & { metadata?: () => { rtpTimestamp?: number } };
  return metadata?.call(frame).rtpTimestamp ?? null;
}

function openChannel(connection: RTCPeerConnection, { label, hello, ping }: ClientChannel): RTCDataChannel {
  const channel = connection.createDataChannel(label);
  const say = (words: object) => channel.readyState === 'open' && channel.send(JSON.stringify(words));
  channel.onopen = () => {
    if (hello) say(hello);
    if (ping) setInterval(() => say(ping), PING_PERIOD_MS);
  };
  return channel;
}

declare global {
  interface Window {
    benchViewer: ViewerPage;
  }
}

window.benchViewer = new ViewerPage();
