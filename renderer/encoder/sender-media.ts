import type { VideoCodec } from '../../protocol/hello.ts';
import type { SenderStats } from '../../protocol/stats.ts';
import type { Track } from '../../protocol/track.ts';
import type { CodecFormat } from './codec-format.ts';
import type { PictureArrival } from './shared/stage-times.ts';

/** A track on its way into one viewer's connection. */
export interface AttachRequest {
  viewerId: string;
  track: Track;
  /** Of the viewer's m-line; the remote description is set, ours is not yet. */
  transceiver: RTCRtpTransceiver;
  /** What will most likely be agreed on: an encoder for it may get ready. */
  likelyCodec: VideoCodec | undefined;
  /** The viewer only looks on: it has no influence on what is encoded for others. */
  observer: boolean;
  /** What the descriptions allow the connection in all, in bits per second. */
  mostBps: number;
  /** See ViewerConnection.restartRate. */
  restartRate: (rate: ConnectionRate) => Promise<void>;
}

/** In bits per second. */
export interface ConnectionRate {
  /** Where the estimate begins. */
  startBps: number;
  /** The most that it may come to. */
  maxBps: number;
}

/** An operator's limit, in bits per second. */
export interface Cap {
  /** For the connection in all; infinite where there is none. */
  connectionBps: number;
  /** The part of this video track where it has an encoder of its own, within the track's own limit. */
  trackBps: number;
}

/** One track in one viewer's connection. */
export interface Attachment {
  /** Both descriptions are set: this was agreed on. Called once. */
  start(format: CodecFormat): void;
  /** What the implementation knows better than the connection's own statistics. */
  report(): Partial<SenderStats>;
  /** What the connection's statistics say is sent (`VP9`): Chromium goes on with the next agreed codec when an encoder fails. */
  sent?(codec: string): void;
  /** The next access unit of this viewer is a key frame. */
  requestKeyFrame?(): Promise<void>;
  /** The most that this viewer may be sent from now on. */
  setCap?(cap: Cap): Promise<void>;
  /** What is sent is about to be of another codec: nothing of the present one may follow... */
  leaveCodec?(): Promise<void>;
  /** ... until this: the descriptions are set again, and this is sent from now on. */
  takeCodec?(format: CodecFormat): void;
  /** The viewer wants nothing of it for now, or again: then from a key frame on. */
  setPaused(paused: boolean): Promise<void>;
  /** The viewer is gone, or its m-line is. */
  close(): void;
}

/**
 * How a track becomes a sender's media. `native` (native-media.ts) lets Chromium encode for each viewer; one shared
 * encoder a track, or access units that come encoded from the model, are other implementations of the same few methods.
 */
export interface SenderMedia {
  /** What each viewer's RTCPeerConnection has to be made with, besides what is configured. */
  readonly connectionOptions?: RTCConfiguration;
  /** The tracks of the model that is connected now. Those of the same name and kind go on, with their viewers. */
  setTracks(tracks: readonly Track[]): void;
  /**
   * Takes the picture over. Resolves when the next one may come; at most one is under way (newest-frame.ts).
   *
   * @param arrival what it took so far; missing for the last picture again
   */
  writeVideo(trackName: string, frame: VideoFrame, arrival?: PictureArrival): Promise<void>;
  /** Takes 10 ms of sound over. */
  writeAudio(trackName: string, sound: AudioData): Promise<void>;
  attach(request: AttachRequest): Promise<Attachment>;
  /** The most that a connection with these tracks can use, in bits per second; undefined where it is not known. */
  connectionMostBps?(tracks: readonly { track: Track; codec: VideoCodec | undefined }[]): number | undefined;
}
