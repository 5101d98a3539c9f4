import type { PictureArrival } from './stage-times.ts';
import type { PageToWorker, TransformOptions, WorkerToPage } from './worker-message.ts';

/** Chromium's, not in the type package: the streams of a sender where there is no RTCRtpScriptTransform. */
interface StreamsSender {
  createEncodedStreams(): {
    readable: ReadableStream<RTCEncodedVideoFrame>;
    writable: WritableStream<RTCEncodedVideoFrame>;
  };
}

type Report = Extract<WorkerToPage, { type: 'report' }>;

export interface MediaWorkerEvents {
  onFailed: (failure: Extract<WorkerToPage, { type: 'failed' }>) => void;
  onLog: (line: Extract<WorkerToPage, { type: 'log' }>) => void;
  /** The worker is of no use any more. */
  onBroken: (reason: string) => void;
}

/** How long statistics wait for a worker that is busy. */
const REPORT_LIMIT_MS = 2000;

const hasScriptTransform = () => typeof RTCRtpScriptTransform === 'function';

/** What every RTCPeerConnection has to be made with, so that its senders' frames can be substituted. */
export function connectionOptions(): RTCConfiguration {
  return hasScriptTransform() ? {} : ({ encodedInsertableStreams: true } as RTCConfiguration);
}

/** The page's side of encoder-worker.ts. */
export class MediaWorker {
  readonly #worker: Worker;
  readonly #taken = new Map<string, (() => void)[]>();
  readonly #reports = new Map<number, (report: Report | undefined) => void>();
  #nextReport = 0;
  #broken = false;

  /** @throws where the page cannot have workers */
  constructor(events: MediaWorkerEvents) {
    this.#worker = new Worker('encoder-worker.js');
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerToPage>) => {
      switch (data.type) {
        case 'taken':
          this.#taken.get(data.track)?.shift()?.();
          break;
        case 'failed':
          events.onFailed(data);
          break;
        case 'log':
          events.onLog(data);
          break;
        case 'report':
          this.#reports.get(data.id)?.(data);
          this.#reports.delete(data.id);
      }
    };
    this.#worker.onerror = ({ message }) => {
      this.#broken = true;
      for (const waiting of this.#taken.values()) for (const resolve of waiting) resolve();
      this.#taken.clear();
      events.onBroken(message || 'encoder-worker.js could not be loaded');
    };
  }

  post(message: PageToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** Takes the picture over; resolves when the worker has it, so that no queue can build up before it. */
  async writeVideo(track: string, frame: VideoFrame, arrival?: PictureArrival): Promise<void> {
    if (this.#broken) {
      frame.close();
      return;
    }
    const taken = new Promise<void>((resolve) => {
      const waiting = this.#taken.get(track) ?? [];
      waiting.push(resolve);
      this.#taken.set(track, waiting);
    });
    this.post({ type: 'frame', track, frame, arrival }, [frame]);
    await taken;
  }

  /** Lets the worker have this sender's encoded frames. */
  transform(attachment: number, sender: RTCRtpSender): void {
    if (hasScriptTransform()) {
      sender.transform = new RTCRtpScriptTransform(this.#worker, { attachment } satisfies TransformOptions);
      return;
    }
    const { readable, writable } = (sender as unknown as StreamsSender).createEncodedStreams();
    this.post({ type: 'streams', attachment, readable, writable }, [
      readable as unknown as Transferable,
      writable as unknown as Transferable,
    ]);
  }

  /** What `connectionOptions` holds back on older Chromium until it is taken: the frames of a sender that nobody substitutes. */
  static passThrough(sender: RTCRtpSender): void {
    if (hasScriptTransform()) return;
    const { readable, writable } = (sender as unknown as StreamsSender).createEncodedStreams();
    void readable.pipeTo(writable).catch(() => {});
  }

  /** Lets the sender's frames go past a worker that is broken. */
  static release(sender: RTCRtpSender): void {
    if (hasScriptTransform()) sender.transform = null;
  }

  report(): Promise<Report | undefined> {
    if (this.#broken) return Promise.resolve(undefined);
    const id = this.#nextReport++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#reports.delete(id);
        resolve(undefined);
      }, REPORT_LIMIT_MS);
      this.#reports.set(id, (report) => {
        clearTimeout(timer);
        resolve(report);
      });
      this.post({ type: 'report', id });
    });
  }
}
