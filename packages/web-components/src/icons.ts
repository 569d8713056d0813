/** The shapes of states, filled so that they read at ten pixels, and a few signs for buttons. */
import type { SVGTemplateResult } from 'lit';
import { svg } from 'lit';
import type { StateKind } from './tokens.js';

/** How a phase or the state of an attempt looks: the kind gives the colour, the mark the shape. */
export interface Look {
  readonly kind: StateKind;
  readonly mark: Mark;
}

/** Name of a shape. */
export type Mark = keyof typeof MARKS;

/** The shapes, drawn in a field of 16 by 16 in the current colour. */
export const MARKS = {
  circle: svg`<circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="1.6"/>`,
  slash: svg`<circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="1.6"/>
    <path d="M4.2 11.8 11.8 4.2" stroke="currentColor" stroke-width="1.6"/>`,
  dots: svg`<circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" stroke-width="1.4"/>
    <circle cx="4.8" cy="8" r="1.2" fill="currentColor"/><circle cx="8" cy="8" r="1.2" fill="currentColor"/>
    <circle cx="11.2" cy="8" r="1.2" fill="currentColor"/>`,
  dashed: svg`<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.8"
    stroke-dasharray="2.4 2.47"/><circle cx="8" cy="8" r="1.8" fill="currentColor"/>`,
  play: svg`<circle cx="8" cy="8" r="7" fill="currentColor"/>
    <path d="M6.3 4.8 11.4 8 6.3 11.2Z" fill="var(--hera-surface)"/>`,
  tick: svg`<circle cx="8" cy="8" r="7" fill="currentColor"/>
    <path d="M4.7 8.2 7 10.5 11.4 5.8" fill="none" stroke="var(--hera-surface)" stroke-width="1.8"/>`,
  cross: svg`<rect x="1.2" y="1.2" width="13.6" height="13.6" rx="2" fill="currentColor"/>
    <path d="M5 5 11 11M11 5 5 11" stroke="var(--hera-surface)" stroke-width="1.9"/>`,
  warn: svg`<path d="M8 1.2 15.4 14.4H.6Z" fill="currentColor" stroke="currentColor" stroke-width="1"
    stroke-linejoin="round"/>
    <path d="M8 5.6V9.8M8 11.2V12.8" stroke="var(--hera-surface)" stroke-width="1.7"/>`,
  stop: svg`<path d="M5.1 1.2h5.8l3.9 3.9v5.8l-3.9 3.9H5.1L1.2 10.9V5.1Z" fill="currentColor"/>
    <path d="M4.8 8H11.2" stroke="var(--hera-surface)" stroke-width="1.9"/>`,
} as const satisfies Readonly<Record<string, SVGTemplateResult>>;

/** Look of each phase. */
export const PHASE_LOOKS: Readonly<Record<string, Look>> = {
  none: { kind: 'idle', mark: 'circle' },
  waiting: { kind: 'waiting', mark: 'dots' },
  queued: { kind: 'waiting', mark: 'dashed' },
  running: { kind: 'running', mark: 'play' },
  backoff: { kind: 'retry', mark: 'warn' },
  succeeded: { kind: 'success', mark: 'tick' },
  failed: { kind: 'failed', mark: 'cross' },
  canceled: { kind: 'stopped', mark: 'stop' },
  skipped: { kind: 'idle', mark: 'slash' },
};

/** Look of each state of an attempt that is not also a phase. */
export const ATTEMPT_LOOKS: Readonly<Record<string, Look>> = {
  ...PHASE_LOOKS,
  dispatched: { kind: 'waiting', mark: 'dashed' },
  canceling: { kind: 'stopped', mark: 'stop' },
  unknown: { kind: 'retry', mark: 'warn' },
  timedOut: { kind: 'failed', mark: 'cross' },
  lost: { kind: 'stopped', mark: 'slash' },
  postponed: { kind: 'idle', mark: 'circle' },
};

/** Look of a phase that a newer server may have sent. */
export const UNKNOWN_LOOK: Look = { kind: 'idle', mark: 'circle' };
