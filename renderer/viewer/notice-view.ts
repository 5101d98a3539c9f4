import { byId, setText } from './element.ts';
import type { Notice, Status } from './status-words.ts';

const ACTION_LABELS = {
  retry: 'Try now',
  'any-codec': 'Use any codec',
  'all-tracks': 'Show all tracks',
} as const;

/** The state in words: a label in the bar, and over the picture what is to be said about it. */
export class NoticeView {
  readonly #status = byId('status');
  readonly #notice = byId('notice');
  readonly #action = byId<HTMLButtonElement>('notice-action');
  #offered: Notice['action'] = null;

  constructor(onAction: (action: NonNullable<Notice['action']>) => void) {
    this.#action.onclick = () => {
      if (this.#offered) onAction(this.#offered);
    };
  }

  /** @param isPlaying the picture moves or may move: the words stand aside */
  show({ tone, label, notice }: Status, isPlaying: boolean): void {
    this.#status.dataset.tone = tone;
    setText(byId('status-label'), label);
    this.#notice.hidden = notice === null;
    if (notice === null) return;
    this.#notice.dataset.tone = tone;
    this.#notice.classList.toggle('banner', isPlaying);
    setText(byId('notice-title'), notice.title);
    setText(byId('notice-detail'), notice.detail);
    setText(byId('notice-hint'), notice.hint);
    const code = byId('notice-code');
    code.hidden = notice.code === null;
    setText(code, notice.code ?? '');
    this.#offered = notice.action;
    this.#action.hidden = notice.action === null;
    if (notice.action) setText(this.#action, ACTION_LABELS[notice.action]);
  }
}
