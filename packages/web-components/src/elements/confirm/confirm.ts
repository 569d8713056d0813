/** A question before something is done that cannot be taken back at once. */
import { css, html } from 'lit';
import { state } from 'lit/decorators.js';
import { HeraElement } from '../../base.js';
import { base, controls } from '../../styles.js';
import { translate } from '../../translate.js';

/** What is asked; `confirm` is the verb on the button. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
}

/**
 * A modal question. `ask()` opens it and resolves with the answer; Escape means no.
 *
 * @csspart dialog - The dialog.
 */
export class HeraConfirm extends HeraElement {
  static override styles = [
    base,
    controls,
    css`
      dialog {
        inline-size: min(420px, calc(100vw - 32px));
        padding: 20px;
        border: 1px solid var(--hera-line-strong);
        border-radius: var(--hera-radius-panel);
        background: var(--hera-surface);
        color: var(--hera-text);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      h2 {
        font-size: var(--hera-size-large);
        line-height: 24px;
        margin-block-end: 6px;
        overflow-wrap: anywhere;
      }
      form {
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: 8px;
        margin-block-start: 20px;
      }
    `,
  ];

  @state() private question: Question | undefined;
  #answer: ((isConfirmed: boolean) => void) | undefined;

  /** Asks, and resolves with true only when the verb was chosen. A question that is open is answered no. */
  async ask(question: Question): Promise<boolean> {
    this.#answer?.(false);
    this.question = question;
    await this.updateComplete;
    const dialog = this.renderRoot.querySelector('dialog');
    if (dialog && !dialog.open) dialog.showModal();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  override render() {
    return html`<dialog part="dialog" aria-labelledby="title" @close=${this.#close}>
      <h2 id="title">${this.question?.title}</h2>
      <p class="quiet">${this.question?.text}</p>
      <form method="dialog">
        <button value="no">${translate('confirm.no')}</button>
        <button class="primary" value="yes">${this.question?.confirm}</button>
      </form>
    </dialog>`;
  }

  #close(event: Event) {
    const dialog = event.target as HTMLDialogElement;
    this.#answer?.(dialog.returnValue === 'yes');
    this.#answer = undefined;
    dialog.returnValue = '';
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'hera-confirm': HeraConfirm;
  }
}
