import { make } from './element.ts';
import type { Key } from './held-keys.ts';

/** Keys that mean a direction, where a model says nothing else. They lie as on a keyboard. */
const WAYS: Record<string, string> = {
  KeyW: 'up',
  KeyA: 'left',
  KeyS: 'down',
  KeyD: 'right',
  ArrowUp: 'up',
  ArrowLeft: 'left',
  ArrowDown: 'down',
  ArrowRight: 'right',
};

export interface KeyPadListener {
  press(key: Key): void;
  release(key: Key): void;
}

const SIGNS: Record<string, string> = {
  ' ': 'Space',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
};

/** Keys on the screen, for one without a keyboard (the style sheet shows them there). Several can be held at once. */
export class KeyPad {
  readonly element = make('div', 'key-pad');
  readonly #listener: KeyPadListener;

  constructor(listener: KeyPadListener) {
    this.#listener = listener;
    this.element.setAttribute('role', 'group');
    this.element.setAttribute('aria-label', 'Keys');
    this.element.hidden = true;
  }

  setKeys(keys: readonly Key[]): void {
    const ways = make('div', 'key-ways');
    const others = make('div', 'key-others');
    for (const key of keys) (key.code in WAYS ? ways : others).append(this.#button(key));
    this.element.replaceChildren(...[ways, others].filter((group) => group.childElementCount > 0));
    this.element.hidden = keys.length === 0;
  }

  setActive(isActive: boolean): void {
    for (const button of this.element.querySelectorAll('button')) button.disabled = !isActive;
  }

  #button(key: Key): HTMLElement {
    const button = make('button', 'button pad-key', SIGNS[key.key] ?? key.key.toUpperCase());
    button.type = 'button';
    button.dataset.code = key.code;
    button.dataset.way = WAYS[key.code] ?? '';
    button.onpointerdown = (event) => {
      button.setPointerCapture(event.pointerId);
      this.#listener.press(key);
    };
    button.onpointerup = button.onpointercancel = () => this.#listener.release(key);
    // A long press is no request for a menu.
    button.oncontextmenu = (event) => event.preventDefault();
    return button;
  }
}
