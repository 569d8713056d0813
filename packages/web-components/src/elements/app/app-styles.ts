/** Rules of the app's frame. */
import { css } from 'lit';

/** Top bar, pages, choices and the sign-in form. */
export const appStyles = css`
  :host {
    display: grid;
    grid-template: auto minmax(0, 1fr) / minmax(0, 1fr);
    block-size: 100dvh;
    background: var(--hera-page);
  }
  .skip {
    position: absolute;
    inset-block-start: -100px;
    inset-inline-start: 12px;
    z-index: 2;
  }
  .skip:focus {
    inset-block-start: 10px;
  }
  [part='topbar'] {
    display: flex;
    align-items: center;
    gap: 4px 20px;
    min-block-size: 48px;
    padding: 0 20px;
    border-block-end: 1px solid var(--hera-line);
    background: var(--hera-surface);
  }
  .brand {
    display: flex;
    align-items: center;
    gap: 8px;
    color: inherit;
    font-size: var(--hera-size-large);
    font-weight: 600;
  }
  .brand:hover {
    text-decoration: none;
  }
  .brand svg {
    inline-size: 20px;
    block-size: 20px;
    color: var(--hera-accent);
    fill: var(--hera-surface);
  }
  .brand circle {
    fill: var(--hera-surface);
    stroke: currentColor;
    stroke-width: 2;
  }
  nav {
    display: flex;
    flex: 1;
    align-self: stretch;
    gap: 4px;
  }
  nav a {
    display: flex;
    align-items: center;
    gap: 6px;
    padding: 0 12px;
    color: var(--hera-text-quiet);
    white-space: nowrap;
    border-block: 2px solid transparent;
    border-radius: 0;
  }
  nav a:hover {
    color: var(--hera-text);
    text-decoration: none;
  }
  nav a:focus-visible {
    outline-offset: -3px;
  }
  nav a[aria-current] {
    color: var(--hera-text);
    font-weight: 600;
    border-block-end-color: var(--hera-accent);
  }
  nav svg {
    inline-size: 18px;
    block-size: 18px;
  }
  .choices {
    display: flex;
    align-items: center;
    gap: 4px 12px;
    white-space: nowrap;
  }
  select {
    padding: 0 4px;
    border-color: transparent;
    background: none;
  }
  select:hover {
    background: var(--hera-raised);
  }
  option {
    background: var(--hera-surface);
  }
  .stream {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    color: var(--hera-text-quiet);
  }
  .dot {
    inline-size: 8px;
    block-size: 8px;
    border-radius: 50%;
    background: var(--hera-state-success);
  }
  .stream.waiting .dot {
    background: none;
    border: 2px solid var(--hera-state-retry);
  }
  main {
    position: relative;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    align-content: start;
    gap: 16px;
    padding: 20px;
    overflow: auto;
    outline: none;
  }
  main:focus-visible {
    outline: none;
  }
  .sign-in {
    display: grid;
    gap: 8px;
    justify-self: center;
    inline-size: min(400px, 100%);
    margin-block-start: 8vh;
    padding: 24px;
  }
  .sign-in input {
    block-size: 34px;
    margin-block-end: 8px;
  }
  .sign-in button {
    justify-content: center;
    block-size: 34px;
  }
  @media (width < 720px) {
    [part='topbar'] {
      padding: 0 12px;
      gap: 4px 8px;
    }
    nav {
      position: fixed;
      z-index: 1;
      inset-block-end: 0;
      inset-inline: 0;
      justify-content: space-around;
      border-block-start: 1px solid var(--hera-line);
      background: var(--hera-surface);
    }
    nav a {
      flex-direction: column;
      justify-content: center;
      gap: 0;
      block-size: 52px;
      font-size: var(--hera-size-small);
      border-block: 0;
    }
    .choices {
      flex: 1;
      justify-content: flex-end;
    }
    .zone {
      display: none;
    }
    select {
      max-inline-size: 92px;
    }
    main {
      padding: 12px 12px 64px;
    }
  }
`;
