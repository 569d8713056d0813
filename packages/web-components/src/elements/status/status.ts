/** The phase of a run, or the state of an attempt, as colour, shape and word. */
import { css, html } from 'lit';
import { property } from 'lit/decorators.js';
import { HeraElement } from '../../base.js';
import { ATTEMPT_LOOKS, MARKS, PHASE_LOOKS, UNKNOWN_LOOK } from '../../icons.js';
import { base } from '../../styles.js';
import { translateCode } from '../../translate.js';

/**
 * Shows a phase. The word is part of it in every variant; in `dot` it is for screen readers only.
 *
 * @csspart base - The whole badge.
 * @csspart icon - The shape, in the colour of the state.
 * @csspart label - The word.
 * @cssproperty [--hera-state-failed] - Colour of failed; likewise `-idle`, `-waiting`, `-running`,
 *   `-success`, `-retry` and `-stopped`.
 */
export class HeraStatus extends HeraElement {
  static override styles = [
    base,
    css`
      :host {
        display: inline-flex;
        vertical-align: middle;
      }
      :host([variant='dot']) {
        vertical-align: -2px;
      }
      :host([variant='dot']) [part='base'] {
        line-height: 14px;
      }
      [part='base'] {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        white-space: nowrap;
        line-height: 20px;
      }
      svg {
        flex: none;
        inline-size: 14px;
        block-size: 14px;
        color: var(--look);
      }
      .idle {
        --look: var(--hera-state-idle);
      }
      .waiting {
        --look: var(--hera-state-waiting);
      }
      .running {
        --look: var(--hera-state-running);
      }
      .success {
        --look: var(--hera-state-success);
      }
      .retry {
        --look: var(--hera-state-retry);
      }
      .failed {
        --look: var(--hera-state-failed);
      }
      .stopped {
        --look: var(--hera-state-stopped);
      }
      .chip {
        padding: 1px 9px 1px 7px;
        border: 1px solid color-mix(in oklab, var(--look) 45%, var(--hera-surface));
        border-radius: 99px;
        background: color-mix(in oklab, var(--look) 10%, var(--hera-surface));
        font-weight: 600;
      }
      @media (prefers-reduced-motion: no-preference) {
        .running svg {
          animation: breathe 1.6s ease-in-out infinite;
        }
      }
      @keyframes breathe {
        50% {
          opacity: 0.55;
        }
      }
      @media (forced-colors: active) {
        svg {
          color: CanvasText;
        }
      }
    `,
  ];

  /** Phase of a run or state of an attempt, as on the wire. */
  @property() state = 'none';

  /** Which words and shapes apply. */
  @property() of: 'phase' | 'attempt' = 'phase';

  /** `text`: shape and word; `chip`: the same in a frame; `dot`: the shape alone. */
  @property({ reflect: true }) variant: 'text' | 'chip' | 'dot' = 'text';

  /** Another word than the usual one; empty for the usual one. */
  @property() label = '';

  override render() {
    const look = (this.of === 'phase' ? PHASE_LOOKS : ATTEMPT_LOOKS)[this.state] ?? UNKNOWN_LOOK;
    return html`<span part="base" class="${look.kind} ${this.variant}">
      <svg part="icon" viewBox="0 0 16 16" aria-hidden="true">${MARKS[look.mark]}</svg>
      <span part="label" class=${this.variant === 'dot' ? 'hidden' : ''}
        >${this.label || translateCode(this.of, this.state)}</span
      >
    </span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'hera-status': HeraStatus;
  }
}
