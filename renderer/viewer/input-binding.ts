import { isBound, padKeys } from './bound-keys.ts';
import { make, setText } from './element.ts';
import { HeldKeys, type Key } from './held-keys.ts';
import { KeyPad } from './key-pad.ts';
import type { ModelCommand } from './model-schema.ts';
import { placeInPicture } from './picture-place.ts';

/** The large picture: where keys are pressed and the pointer moves. */
export interface Surface {
  element: HTMLElement;
  video: HTMLVideoElement;
}

/** Sends a command, or does not while there is no connection. */
type Cast = (command: string, data: Record<string, unknown>) => void;

/**
 * Binds the keyboard and the pointer to the commands that ask for them (`x-bind`): keys while the picture has the focus, the
 * pointer while it is over the picture. Only parameters that a command declares are sent.
 */
export class InputBinding {
  readonly #hint = make('p', 'bind-hint');
  readonly #cast: Cast;
  readonly #pad: KeyPad;
  readonly #held = new HeldKeys();
  #keyboard: readonly ModelCommand[] = [];
  #pointer: readonly ModelCommand[] = [];
  #surface: Surface | undefined;
  #listening: AbortController | undefined;
  /** The newest move that is not sent yet. */
  #move: Record<string, unknown> | undefined;
  #isActive = false;

  /** @param stage where the picture is, and the hint and the keys for a touch screen are put */
  constructor(stage: HTMLElement, cast: Cast) {
    this.#cast = cast;
    this.#pad = new KeyPad({
      press: (key) => this.#press(key),
      release: (key) => this.#release(key),
    });
    stage.append(this.#hint, this.#pad.element);
    this.#hint.id = 'bind-hint';
    this.#hint.hidden = true;
    // A page that is left does not hear of keys any more.
    addEventListener('blur', () => this.releaseAll());
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.releaseAll();
    });
  }

  /** Something is bound to the pointer: a double click on the picture is the model's then. */
  get hasPointer(): boolean {
    return this.#pointer.length > 0;
  }

  setCommands(commands: readonly ModelCommand[]): void {
    this.releaseAll();
    this.#keyboard = commands.filter(({ bind }) => bind === 'keyboard');
    this.#pointer = commands.filter(({ bind }) => bind === 'pointer');
    const [first] = this.#keyboard;
    this.#pad.setKeys(first ? padKeys(first) : []);
    this.#listen();
  }

  /** @param surface undefined while there is no picture */
  setSurface(surface: Surface | undefined): void {
    if (surface?.element === this.#surface?.element) return;
    this.releaseAll();
    this.#unlisten();
    this.#surface = surface;
    this.#listen();
  }

  /** While nothing can be sent nothing is taken: keys are the page's. */
  setActive(isActive: boolean): void {
    if (isActive === this.#isActive) return;
    if (!isActive) this.#held.releaseAll();
    this.#isActive = isActive;
    this.#look();
  }

  releaseAll(): void {
    for (const key of this.#held.releaseAll()) this.#tellKey(key, false);
  }

  #unlisten(): void {
    this.#listening?.abort();
    this.#listening = undefined;
    const element = this.#surface?.element;
    for (const name of ['tabindex', 'role', 'aria-label', 'aria-describedby']) element?.removeAttribute(name);
    element?.classList.remove('bound', 'bound-pointer');
  }

  #listen(): void {
    this.#unlisten();
    const hasKeys = this.#keyboard.length > 0;
    this.#look();
    if (!this.#surface || (!hasKeys && !this.hasPointer)) return;
    const { element, video } = this.#surface;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const on = <K extends keyof HTMLElementEventMap>(
      type: K,
      listener: (event: HTMLElementEventMap[K]) => void,
    ) => element.addEventListener(type, listener as EventListener, { signal });
    element.classList.add('bound');
    element.classList.toggle('bound-pointer', this.hasPointer);
    if (hasKeys) {
      // Keys are for the model here, not for a reader's own commands.
      element.tabIndex = 0;
      element.setAttribute('role', 'application');
      element.setAttribute('aria-label', `${video.getAttribute('aria-label') ?? 'Picture'}, steered by keys`);
      element.setAttribute('aria-describedby', this.#hint.id);
      on('keydown', (event) => this.#onKeyDown(event));
      on('keyup', (event) => this.#release(event));
      on('focus', () => this.#look());
      on('blur', () => {
        this.releaseAll();
        this.#look();
      });
    }
    if (this.hasPointer) {
      on('pointerdown', (event) => {
        // A drag goes on outside of the picture, and its end is heard.
        element.setPointerCapture(event.pointerId);
        this.#onPointer(event, true);
      });
      on('pointermove', (event) => this.#onPointer(event, false));
      on('pointerup', (event) => this.#onPointer(event, true));
      on('pointercancel', (event) => this.#onPointer(event, true));
      on('contextmenu', (event) => event.preventDefault());
    }
  }

  #onKeyDown(event: KeyboardEvent): void {
    if (!this.#isActive) return;
    if (event.key === 'Escape') this.#surface?.element.blur();
    const isModifier = ['Control', 'Alt', 'Shift'].includes(event.key);
    // What the browser does with Ctrl, Alt and the command key stays its own.
    if ((event.ctrlKey || event.metaKey || event.altKey) && !isModifier) return;
    if (!this.#keyboard.some((command) => isBound(command, event))) return;
    // Arrows and the space bar would move the page.
    event.preventDefault();
    this.#press(event);
  }

  #press(key: Key): void {
    if (!this.#isActive) return;
    const pressed = this.#held.press(key);
    if (pressed) this.#tellKey(pressed, true);
  }

  #release(key: Key): void {
    const released = this.#held.release(key);
    if (released) this.#tellKey(released, false);
  }

  #tellKey(key: Key, pressed: boolean): void {
    for (const command of this.#keyboard) {
      if (isBound(command, key)) this.#send(command, { ...key, pressed });
    }
  }

  #onPointer(event: PointerEvent, isPress: boolean): void {
    const surface = this.#surface;
    if (!this.#isActive || !surface || !event.isPrimary) return;
    const { videoWidth: width, videoHeight: height } = surface.video;
    const box = surface.video.getBoundingClientRect();
    const isHeld = surface.element.hasPointerCapture(event.pointerId);
    const place = placeInPicture(event, box, { width, height }, isHeld);
    if (!place) return;
    const buttons = event.type === 'pointercancel' ? 0 : event.buttons;
    const data = { ...place, pressed: buttons !== 0, buttons };
    if (isPress) {
      // It says where the pointer is as well: a move before it would only come late.
      this.#move = undefined;
      this.#tellPointer(data);
      return;
    }
    const isPlanned = this.#move !== undefined;
    this.#move = data;
    if (!isPlanned) requestAnimationFrame(() => this.#tellMove());
  }

  #tellMove(): void {
    const move = this.#move;
    this.#move = undefined;
    if (move) this.#tellPointer(move);
  }

  #tellPointer(data: Record<string, unknown>): void {
    for (const command of this.#pointer) this.#send(command, data);
  }

  #send({ name, parameters }: ModelCommand, data: Record<string, unknown>): void {
    if (!this.#isActive) return;
    const declared = parameters.filter((each) => each.name in data);
    this.#cast(name, Object.fromEntries(declared.map((each) => [each.name, data[each.name]])));
  }

  #look(): void {
    const hasKeys = this.#keyboard.length > 0;
    this.#hint.hidden = !this.#isActive || !this.#surface || (!hasKeys && !this.hasPointer);
    const hasFocus = document.activeElement === this.#surface?.element;
    this.#hint.classList.toggle('on', hasKeys && hasFocus);
    this.#pad.setActive(this.#isActive);
    setText(this.#hint, hintWords(hasKeys, this.hasPointer, hasFocus));
  }
}

export function hintWords(hasKeys: boolean, hasPointer: boolean, hasFocus: boolean): string {
  if (!hasKeys) return hasPointer ? 'Pointer steers' : '';
  if (hasFocus) return `${hasPointer ? 'Keys and pointer steer' : 'Keys steer'} · Esc leaves`;
  return hasPointer ? 'Pointer steers · click for keys, too' : 'Click to steer with keys';
}
