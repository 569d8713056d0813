/** Rules that the elements share: type, focus, buttons, tables, panels and the states of a list. */
import { css } from 'lit';

/** Every element starts from these. */
export const base = css`
  :host {
    display: block;
    color: var(--hera-text);
    font: 400 var(--hera-size) / 1.45 var(--hera-font);
    font-variant-numeric: tabular-nums slashed-zero;
    text-autospace: normal;
    line-break: strict;
  }
  :host([hidden]) {
    display: none;
  }
  :host(:lang(zh)) {
    line-height: 1.6;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h1 {
    font-size: var(--hera-size-title);
    font-weight: 600;
    line-height: 28px;
    overflow-wrap: anywhere;
  }
  h2 {
    font-size: 14px;
    font-weight: 600;
    line-height: 20px;
  }
  a {
    color: var(--hera-accent);
    text-decoration: none;
    border-radius: 2px;
  }
  a:hover {
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  :focus-visible {
    outline: 2px solid var(--hera-focus);
    outline-offset: 1px;
  }
  code,
  .mono {
    font-family: var(--hera-mono);
    font-size: var(--hera-size-small);
  }
  .quiet {
    color: var(--hera-text-quiet);
  }
  .hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** Buttons and fields. */
export const controls = css`
  button,
  input,
  select {
    font: inherit;
    color: inherit;
    block-size: 28px;
    border: 1px solid var(--hera-line-strong);
    border-radius: var(--hera-radius);
    background: var(--hera-surface);
  }
  button,
  .button {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    padding: 0 10px;
    white-space: nowrap;
    cursor: pointer;
  }
  button:hover:not(:disabled) {
    background: var(--hera-raised);
  }
  button:disabled {
    color: var(--hera-text-quiet);
    border-color: var(--hera-line);
    cursor: default;
  }
  button.primary {
    background: var(--hera-accent);
    border-color: var(--hera-accent);
    color: var(--hera-on-accent);
    font-weight: 600;
  }
  button.primary:hover:not(:disabled) {
    background: color-mix(in oklab, var(--hera-accent) 88%, var(--hera-text));
  }
  button.plain {
    border-color: transparent;
    background: none;
  }
  button[aria-pressed='true'] {
    border-color: var(--hera-accent);
    background: color-mix(in oklab, var(--hera-accent) 12%, var(--hera-surface));
  }
  input {
    padding: 0 8px;
    min-inline-size: 0;
  }
  input::placeholder {
    color: var(--hera-text-quiet);
    opacity: 1;
  }
  @media (pointer: coarse) {
    button,
    input,
    select {
      block-size: 44px;
    }
  }
`;

/** Panels and the calm words in them when there is nothing to show, or something went wrong. */
export const panels = css`
  .panel {
    background: var(--hera-surface);
    border: 1px solid var(--hera-line);
    border-radius: var(--hera-radius-panel);
    overflow: hidden;
  }
  .panel > header {
    display: flex;
    align-items: center;
    gap: 8px;
    min-block-size: 40px;
    padding: 4px 12px;
    border-block-end: 1px solid var(--hera-line);
  }
  .panel > header > h2 {
    flex: 1;
  }
  .empty {
    padding: 16px 12px;
    color: var(--hera-text-quiet);
  }
  .blank {
    display: grid;
    justify-items: center;
    gap: 8px;
    padding: 56px 16px;
    text-align: center;
    color: var(--hera-text-quiet);
  }
  .blank > h2 {
    color: var(--hera-text);
    font-size: var(--hera-size-large);
  }
  .strip {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    padding: 8px 12px;
    border: 1px solid var(--hera-state-failed);
    border-radius: var(--hera-radius);
    background: color-mix(in oklab, var(--hera-state-failed) 8%, var(--hera-surface));
  }
  .strip > strong {
    font-weight: 600;
  }
  .note {
    padding: 8px 12px;
    border: 1px solid var(--hera-line-strong);
    border-radius: var(--hera-radius);
    background: var(--hera-surface);
  }
  .skeleton {
    block-size: 12px;
    border-radius: 3px;
    background: var(--hera-raised);
  }
  /* What comes quickly is not announced by a flash. */
  .late {
    animation: appear 0s 150ms both;
  }
  @keyframes appear {
    from {
      visibility: hidden;
    }
  }
`;

/** Dense tables that scroll sideways rather than break their lines. */
export const tables = css`
  /* Hidden words in a cell must not widen the page around the table. */
  .scroll {
    position: relative;
    overflow-x: auto;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
    white-space: nowrap;
  }
  th,
  td {
    block-size: var(--hera-row);
    padding: 0 12px;
    text-align: start;
    line-height: 20px;
  }
  thead th {
    font-size: var(--hera-size-small);
    font-weight: 600;
    color: var(--hera-text-quiet);
    background: var(--hera-surface);
    border-block-end: 1px solid var(--hera-line);
  }
  tbody th {
    font-weight: 400;
  }
  tbody tr + tr > * {
    border-block-start: 1px solid var(--hera-line);
  }
  tbody tr:hover {
    background: color-mix(in oklab, var(--hera-raised) 55%, var(--hera-surface));
  }
  .number {
    text-align: end;
  }
  .wide {
    inline-size: 100%;
    max-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  tbody a {
    font-weight: 500;
  }
`;
