import { beat } from '../viewer/beat.ts';
import { make } from '../viewer/element.ts';

/** One column each; 120 of them are twelve seconds. */
const COLUMN_MS = 100;
const COLUMNS_A_DRAWING = 5;
const WIDTH = 120;
const HEIGHT = 44;
/** 85 ms at 48 kHz: nearly what passes between two columns, and fftSize is a power of two. */
const WINDOW_SAMPLES = 4096;

/** The last seconds of a track's sound as a wave: the largest and least sample of each column. */
export class Waveform {
  readonly element = make('canvas', 'waveform');
  readonly #context: CanvasRenderingContext2D | null;
  readonly #samples = new Float32Array(WINDOW_SAMPLES);
  #stop = () => {};
  /** The least and the largest sample of the columns that are not drawn yet. */
  #columns: [low: number, high: number][] = [];
  #source: MediaStreamAudioSourceNode | undefined;

  constructor(name: string) {
    this.element.width = WIDTH;
    this.element.height = HEIGHT;
    this.element.setAttribute('role', 'img');
    this.element.setAttribute('aria-label', `Waveform of ${name}`);
    this.#context = this.element.getContext('2d');
  }

  /** @param audio one for all tracks; it runs after a click where the browser asks for one */
  follow(audio: AudioContext, stream: MediaStream): void {
    this.stop();
    const analyser = new AnalyserNode(audio, { fftSize: WINDOW_SAMPLES });
    this.#source = audio.createMediaStreamSource(stream);
    this.#source.connect(analyser);
    this.#stop = beat(COLUMN_MS, () => {
      if (document.hidden || audio.state !== 'running') return;
      analyser.getFloatTimeDomainData(this.#samples);
      this.#columns.push(this.#extremes());
      // With the meters: each drawing is a frame of the whole page.
      if (Math.round(performance.now() / COLUMN_MS) % COLUMNS_A_DRAWING === 0) this.#draw();
    });
  }

  stop(): void {
    this.#stop();
    this.#source?.disconnect();
    this.#source = undefined;
  }

  #extremes(): [low: number, high: number] {
    let low = 0;
    let high = 0;
    for (const sample of this.#samples) {
      if (sample < low) low = sample;
      else if (sample > high) high = sample;
    }
    return [low, high];
  }

  #draw(): void {
    const columns = this.#columns;
    this.#columns = [];
    const context = this.#context;
    if (!context) return;
    context.globalCompositeOperation = 'copy';
    context.drawImage(this.element, -columns.length, 0);
    context.globalCompositeOperation = 'source-over';
    const middle = HEIGHT / 2;
    for (const [at, [low, high]] of columns.entries()) {
      context.fillStyle = high >= 0.999 || low <= -0.999 ? '#ff8585' : '#6ff0cd';
      const top = middle - Math.min(1, high) * middle;
      const bottom = middle + Math.min(1, -low) * middle;
      context.fillRect(WIDTH - columns.length + at, top, 1, Math.max(1, bottom - top));
    }
  }
}
