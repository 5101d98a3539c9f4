import { make, setText } from './element.ts';
import { formatBitrate, formatCodec, formatShare } from './format.ts';
import { LevelMeter } from './level-meter.ts';
import { PauseButton } from './pause-button.ts';
import type { ReceiverRates } from './stats-rates.ts';

/** One audio track: its name, how loud it is, its figures. Silent until a click unmutes it. */
export class AudioTile {
  readonly element = make('div', 'card sound');
  readonly audio = make('audio', '');
  readonly #brief = make('p', 'brief');
  readonly #meter: LevelMeter;
  readonly #isStereo: boolean;
  readonly #pause: PauseButton;
  #rates: ReceiverRates | null = null;
  #isPaused = false;

  constructor(
    readonly name: string,
    channels: 1 | 2,
    onPause: (isPaused: boolean) => void,
    meterEveryMs?: number,
  ) {
    this.#isStereo = channels === 2;
    this.element.dataset.track = name;
    this.audio.id = `track-${name}`;
    this.audio.autoplay = true;
    this.audio.muted = true;
    this.#meter = new LevelMeter(`Loudness of ${name}`, meterEveryMs);
    const head = make('div', 'card-head');
    this.#pause = new PauseButton(name, onPause);
    head.append(make('h2', 'name', name), this.#brief, this.#pause.element);
    this.element.append(head, this.#meter.element, this.audio);
  }

  get rates(): ReceiverRates | null {
    return this.#rates;
  }

  play(stream: MediaStream, receiver: RTCRtpReceiver | undefined): void {
    this.audio.srcObject = stream;
    void this.audio.play().catch(() => {});
    if (receiver) this.#meter.follow(receiver);
  }

  /** @returns false where the browser wants a click first */
  async setMuted(isMuted: boolean): Promise<boolean> {
    this.audio.muted = isMuted;
    if (isMuted || this.audio.srcObject === null) return true;
    return this.audio.play().then(
      () => true,
      () => false,
    );
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#pause.show(isPaused);
  }

  show(rates: ReceiverRates | null): void {
    this.#rates = rates;
    if (!rates) this.#meter.stop();
    const words = rates
      ? [
          `${formatCodec(rates.codec)} ${this.#isStereo ? 'stereo' : 'mono'}`,
          formatBitrate(rates.bitrateBps).join(' '),
          // Usually none; a tenth of a percent may be heard.
          ...(rates.concealed ? [`${formatShare(rates.concealed)} concealed`] : []),
        ]
      : [];
    setText(this.#brief, this.#isPaused ? 'Paused' : words.join(' · '));
  }
}
