import { beat } from './beat.ts';

const BARS = 24;
/** Below this the meter is dark: a whisper in a recording that peaks at full scale. */
const FLOOR_DB = -54;
/** What the eye takes for smooth; where frames are dear (the debug page) it is asked for less often. */
const EVERY_MS = 60;
/** Up at once, down slowly: what peak meters do (IEC 60268-10). */
const FALL_DB_PER_MS = 0.042;

/** Shows how loud a track is, from its RTP packets: it works while muted, and needs no audio graph. */
export class LevelMeter {
  readonly element = document.createElement('div');
  readonly #bars: HTMLElement[] = [];
  #stop = () => {};
  #shownDb = FLOOR_DB;

  constructor(
    label: string,
    private readonly everyMs = EVERY_MS,
  ) {
    this.element.className = 'meter';
    this.element.setAttribute('role', 'img');
    this.element.setAttribute('aria-label', label);
    for (let index = 0; index < BARS; index += 1) {
      const bar = document.createElement('i');
      this.#bars.push(bar);
      this.element.append(bar);
    }
  }

  follow(receiver: RTCRtpReceiver): void {
    this.stop();
    this.#stop = beat(this.everyMs, () => {
      if (document.hidden) return;
      const level = Math.max(
        0,
        ...receiver.getSynchronizationSources().map(({ audioLevel }) => audioLevel ?? 0),
      );
      const db = level > 0 ? Math.max(FLOOR_DB, 20 * Math.log10(level)) : FLOOR_DB;
      this.#shownDb = Math.max(db, this.#shownDb - FALL_DB_PER_MS * this.everyMs);
      this.#show(litBars(this.#shownDb));
    });
  }

  stop(): void {
    this.#stop();
    this.#shownDb = FLOOR_DB;
    this.#show(0);
  }

  #show(lit: number): void {
    for (const [index, bar] of this.#bars.entries()) bar.classList.toggle('on', index < lit);
  }
}

/** How many of the bars a level in dBFS lights. */
export function litBars(db: number): number {
  const share = (Math.min(0, Math.max(FLOOR_DB, db)) - FLOOR_DB) / -FLOOR_DB;
  return Math.round(share * BARS);
}
