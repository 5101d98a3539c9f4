import { make } from './element.ts';
import { formatName } from './format.ts';

const SVG = 'http://www.w3.org/2000/svg';
const PAUSE = 'M8 5v14M16 5v14';
const PLAY = 'M7 4.5v15l12-7.5z';

/** Pauses one track, and resumes it. While it is paused the host encodes and sends nothing of it for this page. */
export class PauseButton {
  readonly element = make('button', 'button pause');
  readonly #path = document.createElementNS(SVG, 'path');
  readonly #name: string;
  #isPaused = false;

  /** @param onPause the person asks for it */
  constructor(name: string, onPause: (isPaused: boolean) => void) {
    this.#name = formatName(name);
    const icon = document.createElementNS(SVG, 'svg');
    icon.setAttribute('class', 'icon');
    icon.setAttribute('viewBox', '0 0 24 24');
    icon.setAttribute('aria-hidden', 'true');
    icon.append(this.#path);
    this.element.type = 'button';
    this.element.append(icon);
    this.element.onclick = () => onPause(!this.#isPaused);
    this.show(false);
  }

  show(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#path.setAttribute('d', isPaused ? PLAY : PAUSE);
    this.element.title = `${isPaused ? 'Resume' : 'Pause'} ${this.#name}`;
    this.element.setAttribute('aria-label', this.element.title);
  }
}
