import { untilBeatMs } from './beat.ts';
import { make, setText } from './element.ts';
import { formatBitrate, formatCodec, formatFps, formatMs, formatName, formatSize } from './format.ts';
import { endToEnd, FrameLatency, type Latency, latencyWords } from './latency.ts';
import { PauseButton } from './pause-button.ts';
import type { ReceiverRates } from './stats-rates.ts';

/** The last second of a video track. */
export interface VideoFigures {
  rates: ReceiverRates | null;
  latency: Latency | null;
}

/** One video track on the page: picture, name, figures. It stays while sessions come and go. */
export class VideoTile {
  readonly element = make('figure', 'tile');
  readonly video = make('video', 'picture');
  /** The picture without its caption: what keys and pointers are bound to. */
  readonly screen = make('div', 'screen');
  /** The last picture of a session that ended: browsers show black instead. */
  readonly #still = make('canvas', 'picture still');
  readonly #brief = make('span', 'brief');
  readonly #latency = new FrameLatency();
  readonly #pause: PauseButton;
  #isPaused = false;
  #figures: VideoFigures = { rates: null, latency: null };
  #playing = 0;

  /**
   * @param onPick the person wants to see it large
   * @param onPause the person wants it to rest, or to go on
   * @param measureEveryMs how often a picture's latency is looked at: each look makes the browser lay out and paint the page
   */
  constructor(
    readonly name: string,
    onPick: () => void,
    onPause: (isPaused: boolean) => void,
    private readonly measureEveryMs = 0,
  ) {
    this.element.dataset.track = name;
    const { video } = this;
    video.id = `track-${name}`;
    video.autoplay = true;
    video.muted = true;
    video.playsInline = true;
    video.setAttribute('aria-label', `Live video: ${formatName(name)}`);
    video.onresize = () => {
      const { videoWidth, videoHeight } = video;
      if (videoWidth > 0) this.element.style.setProperty('--ratio', String(videoWidth / videoHeight));
    };
    video.onloadeddata = () => {
      this.#still.hidden = true;
    };
    this.#still.hidden = true;
    this.#still.setAttribute('aria-hidden', 'true');
    const pick = make('button', 'pick');
    pick.type = 'button';
    pick.title = `Show ${formatName(name)} large`;
    pick.setAttribute('aria-label', pick.title);
    pick.onclick = onPick;
    const caption = make('figcaption', 'caption');
    caption.append(make('span', 'name', name), this.#brief);
    const { screen } = this;
    screen.append(video, this.#still);
    this.#pause = new PauseButton(name, onPause);
    this.element.append(screen, pick, caption, this.#pause.element);
  }

  get figures(): VideoFigures {
    return this.#figures;
  }

  /** If only the last one of a session that ended. */
  get hasPicture(): boolean {
    return !this.#still.hidden || (this.video.videoWidth > 0 && this.video.readyState >= 2);
  }

  /** Keeps the picture of now until the next session has one. To be called before the session closes. */
  hold(): void {
    const { video } = this;
    const { videoWidth: width, videoHeight: height } = video;
    if (width === 0 || video.readyState < 2) return;
    this.#still.width = width;
    this.#still.height = height;
    this.#still.getContext('2d')?.drawImage(video, 0, 0);
    this.#still.hidden = false;
    video.srcObject = null;
  }

  play(stream: MediaStream): void {
    this.#playing += 1;
    this.#latency.clear();
    this.video.srcObject = stream;
    // Muted video may always play; a refusal means that the next stream was set already.
    void this.video.play().catch(() => {});
    this.#watch(this.#playing);
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#pause.show(isPaused);
    this.element.classList.toggle('paused', isPaused);
  }

  setMain(isMain: boolean): void {
    this.element.classList.toggle('main', isMain);
  }

  /**
   * @param handOverMs the host's part of the latency; null where it has not told
   * @param encodeMs one frame in the host's encoder; null where it has not told
   */
  show(rates: ReceiverRates | null, handOverMs: number | null, encodeMs: number | null): void {
    const latency = rates
      ? endToEnd({
          handOverMs,
          frameMs: this.#latency.medianMs(performance.now()),
          roundTripMs: rates.roundTripMs,
          // An estimate in between would make the figure jump while no picture comes.
          processingMs: this.#latency.isMeasured ? null : rates.processingMs,
          encodeMs,
        })
      : null;
    this.#figures = { rates, latency };
    setText(this.#brief, this.#isPaused ? 'Paused' : rates ? briefly(rates, latency) : '');
    this.#brief.title = latencyWords(latency);
  }

  #watch(playing: number): void {
    const { video } = this;
    // Firefox before 132 has no such callback: the latency is estimated from statistics there.
    if (!('requestVideoFrameCallback' in video)) return;
    const onFrame = (_now: number, { captureTime, expectedDisplayTime }: VideoFrameCallbackMetadata) => {
      if (playing !== this.#playing) return;
      if (captureTime !== undefined) this.#latency.add(captureTime, expectedDisplayTime);
      if (this.measureEveryMs === 0) next();
      else setTimeout(next, untilBeatMs(this.measureEveryMs, performance.now()));
    };
    const next = () => video.requestVideoFrameCallback(onFrame);
    next();
  }
}

function briefly({ codec, width, height, fps, bitrateBps }: ReceiverRates, latency: Latency | null): string {
  return [
    formatCodec(codec),
    formatSize(width, height),
    `${formatFps(fps)} fps`,
    formatBitrate(bitrateBps).join(' '),
    `${formatMs(latency?.totalMs ?? null)} ms`,
  ]
    .map((figure) => figure.replace(/ /g, '\u00a0'))
    .join(' · ');
}
