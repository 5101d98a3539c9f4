import type { VideoCodec } from '../../../protocol/hello.ts';
import type { SharedEncoderStats, SharingStats } from '../../../protocol/stats.ts';
import type { Hardware } from '../hardware.ts';
import type { RateLimits } from '../track-limits.ts';
import type { Content } from './shared-encoder.ts';
import type { PictureArrival } from './stage-times.ts';

/**
 * Between the encoder page and its worker. Both are ours and of one build, so nothing is validated here.
 *
 * @packageDocumentation
 */

export interface WorkerSettings extends RateLimits {
  codecs: readonly VideoCodec[];
  maxRungs: number;
  hardware: Hardware;
}

/** A video track of the model. */
export interface WorkerTrack extends RateLimits {
  name: string;
  fps: number;
  content: Content;
}

/** What a transform is told when it is made: whose frames it gets. */
export interface TransformOptions {
  attachment: number;
}

export type PageToWorker =
  | { type: 'settings'; settings: WorkerSettings }
  | { type: 'tracks'; tracks: WorkerTrack[] }
  /** A picture; answered by `taken`. The frame is transferred. */
  | { type: 'frame'; track: string; frame: VideoFrame; arrival: PictureArrival | undefined }
  /** A track of a viewer. `writable` is that of its stand-in track, transferred. */
  | {
      type: 'attach';
      attachment: number;
      track: string;
      observer: boolean;
      writable: WritableStream<VideoFrame>;
    }
  /** Where there is no RTCRtpScriptTransform: the streams of `createEncodedStreams()`, transferred. */
  | {
      type: 'streams';
      attachment: number;
      readable: ReadableStream<RTCEncodedVideoFrame>;
      writable: WritableStream<RTCEncodedVideoFrame>;
    }
  /** This attachment will be shared as soon as its connection is up. */
  | { type: 'expect'; attachment: number; codec: VideoCodec }
  /** From now on this attachment is sent the shared encoder's access units... */
  | { type: 'share'; attachment: number; codec: VideoCodec }
  /** ... or what its own sender's encoder makes. */
  | { type: 'pass'; attachment: number }
  | { type: 'detach'; attachment: number }
  /** Its next access unit is a key frame. */
  | { type: 'key-frame'; attachment: number }
  /** What the links allow for pictures, in bits per second. */
  | { type: 'allowed'; rates: { attachment: number; bps: number }[] }
  /** The link has fallen: nothing is sent... */
  | { type: 'hold'; attachment: number }
  /** ... until this, and then a key frame first. */
  | { type: 'resume'; attachment: number }
  | { type: 'report'; id: number };

export interface AttachmentReport {
  attachment: number;
  sharing: SharingStats;
}

export type WorkerToPage =
  | { type: 'taken'; track: string }
  /** This codec cannot be encoded (any more) for this track. */
  | { type: 'failed'; track: string; codec: VideoCodec; reason: string }
  | { type: 'log'; level: 'debug' | 'info' | 'warn'; message: string }
  | {
      type: 'report';
      id: number;
      /** See LoadPolicy. */
      loadScale: number;
      encoders: SharedEncoderStats[];
      attachments: AttachmentReport[];
    };
