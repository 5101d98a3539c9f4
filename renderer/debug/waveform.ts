import { make } from '../viewer/element.ts';

/** One column each; 120 of them are twelve seconds. */
const EVERY_MS = 100;
const WIDTH = 120;
const HEIGHT = 44;
/** 85 ms at 48 kHz: nearly what passes between two columns, and fftSize is a power of two. */
const WINDOW_SAMPLES = 4096;

/** The last seconds of a track's sound as a wave: the largest and least sample of each column. */
export class Waveform {
  readonly element = make('canvas', 'waveform');
  readonly #context: CanvasRenderingContext2D | null;
  readonly #samples = new Float32Array(WINDOW_SAMPLES);
  #timer: ReturnType<typeof setInterval> | undefined;
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
    this.#timer = setInterval(() => {
      if (document.hidden || audio.state !== 'running') return;
      analyser.getFloatTimeDomainData(this.#samples);
      this.#draw();
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#source?.disconnect();
    this.#source = undefined;
  }

  #draw(): void {
    const context = this.#context;
    if (!context) return;
    let low = 0;
    let high = 0;
    for (const sample of this.#samples) {
      if (sample < low) low = sample;
      else if (sample > high) high = sample;
    }
    context.globalCompositeOperation = 'copy';
    context.drawImage(this.element, -1, 0);
    context.globalCompositeOperation = 'source-over';
    context.fillStyle = high >= 0.999 || low <= -0.999 ? '#ff8585' : '#6ff0cd';
    const middle = HEIGHT / 2;
    const top = middle - Math.min(1, high) * middle;
    const bottom = middle + Math.min(1, -low) * middle;
    context.fillRect(WIDTH - 1, top, 1, Math.max(1, bottom - top));
  }
}
