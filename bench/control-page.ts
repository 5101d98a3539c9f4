/**
 * Beside viewer-page.ts in the page that watches: a button whose click sends a command, and what came back of it.
 *
 * @packageDocumentation
 */

/** One click. Times by `performance.now()`, in microseconds. */
export interface Click {
  number: number;
  /** The browser's own stamp of the input event. */
  clickedUs: number;
  /** `command_result` was there. */
  repliedUs: number | null;
  /** By the model's clock: its handler ran. */
  handledUs: number | null;
}

const CHANNEL = 'data';

class ControlPage {
  readonly clicks: Click[] = [];
  readonly #channel: RTCDataChannel;

  constructor(channel: RTCDataChannel) {
    this.#channel = channel;
    channel.addEventListener('message', ({ data }) => this.#heard(JSON.parse(String(data))));
    const button = document.createElement('button');
    button.id = 'flash';
    button.textContent = 'flash';
    button.addEventListener('click', (event) => this.#flash(event.timeStamp * 1000));
    document.body.append(button);
  }

  #flash(clickedUs: number): void {
    const number = this.clicks.length + 1;
    this.clicks.push({ number, clickedUs, repliedUs: null, handledUs: null });
    const data = { type: 'flash', data: { number }, request_id: number };
    this.#channel.send(JSON.stringify({ scope: 'application', data }));
  }

  #heard({ scope, data: { type, data } }: Heard): void {
    if (type === 'command_error') throw new Error(JSON.stringify(data));
    const click = this.clicks[Number(scope === 'runtime' ? data.request_id : data.number) - 1];
    if (!click) return;
    if (type === 'command_result') click.repliedUs = performance.now() * 1000;
    if (type === 'flashed') click.handledUs = Number(data.handled_us);
  }
}

interface Heard {
  scope: string;
  data: { type: string; data: Record<string, unknown> };
}

declare global {
  interface Window {
    controlPage: ControlPage;
  }
}

const channel = window.benchViewer.channel(CHANNEL);
if (!channel) throw new Error(`the viewer page has no channel ${CHANNEL}`);
window.controlPage = new ControlPage(channel);
