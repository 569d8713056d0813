/** Rules of the log view; the row height equals ROW_PX. */
import { css } from 'lit';

/** Toolbar, scrolled area, rows and the colours of terminal text. */
export const logStyles = css`
  [part='toolbar'] {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
    padding: 6px 12px;
    border-block-end: 1px solid var(--hera-line);
  }
  [part='toolbar'] input {
    inline-size: 220px;
  }
  .facts {
    flex: 1;
    text-align: end;
    white-space: nowrap;
  }
  .strip {
    margin: 8px 12px;
  }
  .skipped {
    padding: 4px 12px;
    color: var(--hera-text-quiet);
    background: var(--hera-raised);
  }
  .frame {
    position: relative;
  }
  [part='view'] {
    block-size: min(var(--hera-log-height, 480px), var(--content, 100000px));
    overflow: auto;
    overflow-anchor: none;
    contain: strict;
    background: var(--hera-surface);
  }
  [part='view']:focus-visible {
    outline-offset: -2px;
  }
  .space {
    position: relative;
    min-inline-size: max-content;
  }
  .rows {
    min-inline-size: max-content;
    padding-block: 0;
    font: var(--hera-size-small) / 18px var(--hera-mono);
    will-change: transform;
  }
  .row {
    display: flex;
    block-size: 18px;
  }
  .row:hover {
    background: color-mix(in oklab, var(--hera-raised) 60%, var(--hera-surface));
  }
  .row.current {
    background: color-mix(in oklab, var(--hera-state-retry) 18%, var(--hera-surface));
  }
  .gutter {
    flex: none;
    inline-size: calc(var(--digits, 3ch) + 24px);
    padding-inline: 12px;
    text-align: end;
    color: var(--hera-text-quiet);
    user-select: none;
  }
  .text {
    white-space: pre;
    tab-size: 8;
    padding-inline-end: 16px;
  }
  .cut {
    color: var(--hera-text-quiet);
  }
  mark {
    background: color-mix(in oklab, var(--hera-state-retry) 40%, var(--hera-surface));
    color: inherit;
    border-radius: 2px;
  }
  [part='pill'] {
    position: absolute;
    inset-block-end: 12px;
    inset-inline-end: 24px;
  }
  .bold {
    font-weight: 600;
  }
  .dim {
    color: var(--hera-text-quiet);
  }
  .red {
    color: var(--hera-log-red);
  }
  .green {
    color: var(--hera-log-green);
  }
  .yellow {
    color: var(--hera-log-yellow);
  }
  .blue {
    color: var(--hera-log-blue);
  }
  .magenta {
    color: var(--hera-log-magenta);
  }
  .cyan {
    color: var(--hera-log-cyan);
  }
  .gray {
    color: var(--hera-log-gray);
  }
`;
