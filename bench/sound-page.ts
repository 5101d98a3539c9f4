import { withAudioNack } from '../renderer/viewer/sdp-nack.ts';
import { withStereo } from '../renderer/viewer/sdp-stereo.ts';
import { ToneMeter, type ToneReport } from './tone-meter.ts';

/**
 * The page that listens: connects to a host by WHEP, follows the tones of audio tracks in their decoded samples, and
 * tells when a beep was heard and when a flash was seen.
 *
 * @packageDocumentation
 */

/** What the viewer's description offers for Opus beyond what Chromium offers by itself. */
export interface SoundOffer {
  /** Sections to offer. */
  audio: number;
  video: number;
  /** `a=rtcp-fb:… nack` for Opus. */
  nack?: boolean;
  /** RED first, or not at all. */
  red?: boolean;
}

/** RTCInboundRtpStreamStats of one audio track between two moments. */
export interface SoundCounters {
  packetsReceived: number;
  packetsLost: number;
  bytesReceived: number;
  nackCount: number;
  totalSamplesReceived: number;
  concealedSamples: number;
  silentConcealedSamples: number;
  concealmentEvents: number;
  insertedSamplesForDeceleration: number;
  removedSamplesForAcceleration: number;
  jitterBufferDelay: number;
  jitterBufferEmittedCount: number;
}

export interface Heard {
  /** One a channel. */
  channels: ToneReport[];
  counters: SoundCounters;
}

/** When the decoded picture or sound turned, by `performance.now()`. */
export interface Onsets {
  flashMs: number[];
  beepMs: number[];
}

const COUNTERS: readonly (keyof SoundCounters)[] = [
  'packetsReceived',
  'packetsLost',
  'bytesReceived',
  'nackCount',
  'totalSamplesReceived',
  'concealedSamples',
  'silentConcealedSamples',
  'concealmentEvents',
  'insertedSamplesForDeceleration',
  'removedSamplesForAcceleration',
  'jitterBufferDelay',
  'jitterBufferEmittedCount',
];

const GATHER_LIMIT_MS = 500;
/** A beep is that loud, and a flash that bright, or it is none. */
const BEEP_LEVEL = 0.1;
const FLASH_LUMA = 128;
/** So long after a beep or flash the next one may begin. */
const APART_MS = 300;
const MAX_WAITING = 100;

class SoundPage {
  readonly #connection = new RTCPeerConnection();
  readonly #players: HTMLMediaElement[] = [];

  /** Connects, with the token where one is asked for; resolves with the answer applied. */
  async connect(offer: SoundOffer, token?: string, query = ''): Promise<void> {
    const connection = this.#connection;
    for (let at = 0; at < offer.video; at += 1) connection.addTransceiver('video', { direction: 'recvonly' });
    for (let at = 0; at < offer.audio; at += 1) connection.addTransceiver('audio', { direction: 'recvonly' });
    connection.ontrack = ({ track }) => {
      // A receiver's sound is decoded as long as somebody plays it.
      const player = track.kind === 'audio' ? new Audio() : document.createElement('video');
      player.srcObject = new MediaStream([track]);
      player.muted = true;
      void player.play();
      this.#players.push(player);
    };
    const gathered = new Promise<void>((resolve) => {
      connection.onicecandidate = ({ candidate }) => !candidate && resolve();
      setTimeout(resolve, GATHER_LIMIT_MS);
    });
    const { sdp = '' } = await connection.createOffer();
    await connection.setLocalDescription({ type: 'offer', sdp: edited(sdp, offer) });
    await gathered;
    const response = await fetch(`/whep${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: connection.localDescription?.sdp ?? '',
    });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`${response.status} ${answer}`);
    await connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  get answer(): string {
    return this.#connection.remoteDescription?.sdp ?? '';
  }

  /** Follows a tone of about `hz[channel]` on each channel for so long, from its first sound on. */
  async listen(name: string, hz: readonly number[], seconds: number): Promise<Heard> {
    const receiver = this.#receiver(name);
    const reader = soundOf(receiver);
    let meters: ToneMeter[] = [];
    let before = await this.counters(name);
    let begun = false;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`${name} has ended`);
      const planes = planesOf(value);
      value.close();
      if (!begun) {
        if (!planes[0]?.some((sample) => Math.abs(sample) > BEEP_LEVEL)) continue;
        begun = true;
        before = await this.counters(name);
        meters = hz.map((each) => new ToneMeter(each, 48_000));
        continue;
      }
      for (const [channel, meter] of meters.entries()) {
        const plane = planes[Math.min(channel, planes.length - 1)];
        if (plane) meter.add(plane);
      }
      if ((meters[0]?.seconds ?? 0) >= seconds) break;
    }
    await reader.cancel();
    const after = await this.counters(name);
    const counters = Object.fromEntries(COUNTERS.map((key) => [key, after[key] - before[key]]));
    return {
      channels: meters.map((meter) => meter.report()),
      counters: counters as unknown as SoundCounters,
    };
  }

  async counters(name: string): Promise<SoundCounters> {
    const report = await this.#receiver(name).getStats();
    const inbound = [...report.values()].find(({ type }) => type === 'inbound-rtp') ?? {};
    return Object.fromEntries(
      COUNTERS.map((key) => [key, Number(inbound[key] ?? 0)]),
    ) as unknown as SoundCounters;
  }

  /** The largest sample, of 0 to 1, on any channel within so many seconds of sound. */
  async loudest(name: string, seconds: number): Promise<number> {
    const reader = soundOf(this.#receiver(name));
    let [most, heardS] = [0, 0];
    while (heardS < seconds) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`${name} has ended`);
      const { numberOfFrames, sampleRate } = value;
      for (const plane of planesOf(value))
        for (const sample of plane) most = Math.max(most, Math.abs(sample));
      value.close();
      heardS += numberOfFrames / sampleRate;
    }
    await reader.cancel();
    return most;
  }

  /** Waits for `count` flashes on a video track and beeps on an audio track. */
  async onsets(video: string, audio: string, count: number): Promise<Onsets> {
    const [flashMs, beepMs] = await Promise.all([
      this.#flashes(this.#receiver(video), count),
      this.#beeps(this.#receiver(audio), count),
    ]);
    return { flashMs, beepMs };
  }

  close(): void {
    this.#connection.close();
  }

  async #beeps(receiver: RTCRtpReceiver, count: number): Promise<number[]> {
    const reader = soundOf(receiver);
    const onsets: number[] = [];
    let loudMs = Number.NEGATIVE_INFINITY;
    while (onsets.length < count) {
      const { value, done } = await reader.read();
      if (done) throw new Error('the sound has ended');
      const nowMs = performance.now();
      const { sampleRate } = value;
      const [plane] = planesOf(value);
      value.close();
      const at = plane?.findIndex((sample) => Math.abs(sample) > BEEP_LEVEL) ?? -1;
      if (at < 0) continue;
      const onsetMs = nowMs + (at * 1000) / sampleRate;
      if (onsetMs - loudMs > APART_MS) onsets.push(onsetMs);
      loudMs = onsetMs;
    }
    await reader.cancel();
    return onsets;
  }

  async #flashes(receiver: RTCRtpReceiver, count: number): Promise<number[]> {
    const track = receiver.track as MediaStreamVideoTrack;
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    const onsets: number[] = [];
    let wasBright = false;
    while (onsets.length < count) {
      const { value: frame, done } = await reader.read();
      if (done) throw new Error('the picture has ended');
      const nowMs = performance.now();
      const bytes = new Uint8Array(frame.allocationSize());
      const [plane] = await frame.copyTo(bytes);
      const { width = 0, height = 0 } = frame.visibleRect ?? {};
      frame.close();
      const middle = (plane?.offset ?? 0) + (height >> 1) * (plane?.stride ?? 0) + (width >> 1);
      const isBright = (bytes[middle] ?? 0) > FLASH_LUMA;
      if (isBright && !wasBright) onsets.push(nowMs);
      wasBright = isBright;
    }
    await reader.cancel();
    return onsets;
  }

  /** By the name that `a=msid` of the answer gives its section. */
  #receiver(name: string): RTCRtpReceiver {
    for (const section of this.answer.split(/^m=/m).slice(1)) {
      if (/^a=msid:\S+ (\S+)/m.exec(section)?.[1] !== name) continue;
      const mid = /^a=mid:(\S+)/m.exec(section)?.[1];
      const found = this.#connection.getTransceivers().find((each) => each.mid === mid);
      if (found) return found.receiver;
    }
    throw new Error(`the answer has no track ${name}`);
  }
}

function soundOf({ track }: RTCRtpReceiver): ReadableStreamDefaultReader<AudioData> {
  const processor = new MediaStreamTrackProcessor({
    track: track as MediaStreamAudioTrack,
    maxBufferSize: MAX_WAITING,
  });
  return processor.readable.getReader();
}

function planesOf(sound: AudioData): Float32Array[] {
  return Array.from({ length: sound.numberOfChannels }, (_, planeIndex) => {
    const plane = new Float32Array(sound.numberOfFrames);
    sound.copyTo(plane, { planeIndex, format: 'f32-planar' });
    return plane;
  });
}

/** The offer, with what is asked for beyond or against Chromium's own. */
function edited(plain: string, { nack = false, red }: SoundOffer): string {
  const sdp = nack ? withAudioNack(withStereo(plain)) : withStereo(plain);
  const type = /^a=rtpmap:(\d+) red\/48000/m.exec(sdp)?.[1];
  if (type === undefined || red === undefined) return sdp;
  return sdp
    .split('\r\n')
    .filter((line) => red || !new RegExp(`^a=(rtpmap|fmtp|rtcp-fb):${type} `).test(line))
    .map((line) => {
      if (!line.startsWith('m=audio ')) return line;
      const [media, port, protocol, ...types] = line.split(' ');
      const others = types.filter((each) => each !== type);
      return [media, port, protocol, ...(red ? [type, ...others] : others)].join(' ');
    })
    .join('\r\n');
}

declare global {
  interface Window {
    soundPage: SoundPage;
  }
}

window.soundPage = new SoundPage();
