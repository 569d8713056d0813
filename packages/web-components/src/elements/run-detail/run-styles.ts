/** Rules of a run's page. */
import { css } from 'lit';

/** Head, facts, the reasons it waits, and the attempts with their log. */
export const runStyles = css`
  :host {
    display: grid;
    gap: 16px;
    grid-template-columns: minmax(0, 1fr);
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
  }
  .head h1 {
    flex: 0 1 auto;
  }
  .head h1 a {
    color: inherit;
  }
  .head .id {
    flex: 1 1 200px;
    color: var(--hera-text-quiet);
    overflow-wrap: anywhere;
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 28px;
  }
  .facts dt {
    font-size: var(--hera-size-small);
    color: var(--hera-text-quiet);
  }
  .why {
    display: grid;
    gap: 6px;
    padding: 10px 12px;
  }
  .why li {
    padding-inline-start: 12px;
    border-inline-start: 3px solid var(--hera-state-waiting);
  }
  [role='tablist'] {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
  }
  [role='tab'] {
    min-inline-size: 32px;
    justify-content: center;
    gap: 6px;
    padding: 0 9px;
  }
  [role='tab'][aria-selected='true'] {
    border-color: var(--hera-accent);
    background: color-mix(in oklab, var(--hera-accent) 12%, var(--hera-surface));
    font-weight: 600;
  }
  .attempts {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 10px;
  }
  .attempts > header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
  }
  .attempt {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 16px;
  }
  .attempt .message {
    font-weight: 500;
    overflow-wrap: anywhere;
  }
  .result {
    overflow-wrap: anywhere;
  }
`;
