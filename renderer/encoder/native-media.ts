import type { Track } from '../../protocol/track.ts';
import { EncoderError } from './encoder-error.ts';
import { changeEncodings } from './sender-encodings.ts';
import type { Attachment, AttachRequest, Cap, SenderMedia } from './sender-media.ts';

interface Source {
  track: Track;
  generator: MediaStreamTrack;
  writer: WritableStreamDefaultWriter<VideoFrame | AudioData>;
  attachments: number;
  /** The model in place has this track; one that it lacks stays while a viewer has it, in case it comes back. */
  current: boolean;
}

/** Chromium encodes each track for each viewer: one generator a track, added to every viewer's connection. */
export class NativeMedia implements SenderMedia {
  readonly #sources = new Map<string, Source>();

  setTracks(tracks: readonly Track[]): void {
    for (const source of this.#sources.values()) source.current = false;
    for (const track of tracks) {
      const old = this.#sources.get(track.name);
      if (old && old.track.kind === track.kind) {
        old.track = track;
        old.current = true;
        continue;
      }
      old?.generator.stop();
      this.#sources.set(track.name, { track, ...makeGenerator(track.kind), attachments: 0, current: true });
    }
    for (const source of [...this.#sources.values()]) this.#sweep(source);
  }

  writeVideo(trackName: string, frame: VideoFrame): Promise<void> {
    return this.#write(trackName, frame);
  }

  writeAudio(trackName: string, sound: AudioData): Promise<void> {
    return this.#write(trackName, sound);
  }

  async attach({ track, transceiver }: AttachRequest): Promise<Attachment> {
    const source = this.#sources.get(track.name);
    if (!source) {
      throw new EncoderError(
        'unknown-track',
        `the model has no track ${track.name} any more`,
        'connect again',
      );
    }
    source.attachments += 1;
    let open = true;
    const close = () => {
      if (!open) return;
      open = false;
      source.attachments -= 1;
      this.#sweep(source);
    };
    try {
      await transceiver.sender.replaceTrack(source.generator);
    } catch (error) {
      close();
      throw error;
    }
    const { sender } = transceiver;
    const setActive = (active: boolean) =>
      changeEncodings(sender, (encoding) => {
        encoding.active = active;
      });
    return {
      start: () => {},
      report: () => ({}),
      // Without an active encoding Chromium encodes nothing; the first picture of one that is active again is a key frame.
      setPaused: (paused) => setActive(!paused),
      ...(track.kind === 'video' && {
        async requestKeyFrame() {
          if (sender.getParameters().encodings.some(({ active }) => active === false)) return;
          await setActive(false);
          await setActive(true);
        },
        setCap: ({ trackBps }: Cap) =>
          changeEncodings(sender, (encoding) => {
            encoding.maxBitrate = trackBps;
          }),
      }),
      close,
    };
  }

  async #write(trackName: string, media: VideoFrame | AudioData): Promise<void> {
    const source = this.#sources.get(trackName);
    if (!source) {
      media.close();
      return;
    }
    await source.writer.write(media);
  }

  #sweep(source: Source): void {
    if (source.current || source.attachments > 0) return;
    source.generator.stop();
    if (this.#sources.get(source.track.name) === source) this.#sources.delete(source.track.name);
  }
}

/** Exists in windows only, not in workers (ENGINE-NOTES, "Insertable tracks"). */
function makeGenerator(kind: Track['kind']): Pick<Source, 'generator' | 'writer'> {
  const generator =
    kind === 'video' ? new MediaStreamTrackGenerator({ kind }) : new MediaStreamTrackGenerator({ kind });
  const writer: Source['writer'] = generator.writable.getWriter();
  return { generator, writer };
}
