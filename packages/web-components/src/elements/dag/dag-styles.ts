/** Rules of the graph. */
import { css } from 'lit';

/** Toolbar, nodes by state, edges, and what is near the node that has the focus. */
export const dagStyles = css`
  :host {
    display: grid;
    gap: 12px;
  }
  [part='toolbar'] {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
    padding: 6px 12px;
    border-block-end: 1px solid var(--hera-line);
  }
  [part='toolbar'] ul {
    display: flex;
    flex-wrap: wrap;
    flex: 1;
    gap: 4px 16px;
  }
  [part='view'] {
    block-size: var(--hera-dag-height, auto);
    overflow: auto;
  }
  svg[role='group'] {
    display: block;
  }
  .edges path {
    fill: none;
    stroke: var(--hera-line-strong);
    stroke-width: 1.2;
    opacity: 0.7;
  }
  [part='view']:focus-within .edges path.near {
    stroke: var(--hera-accent);
    stroke-width: 2;
    opacity: 1;
  }
  .node {
    --look: var(--hera-state-idle);
    color: var(--look);
    outline: none;
  }
  .node > rect {
    fill: color-mix(in oklab, var(--look) 7%, var(--hera-surface));
    stroke: color-mix(in oklab, var(--look) 60%, var(--hera-surface));
    stroke-width: 1.2;
  }
  .node text {
    fill: var(--hera-text);
    font: 500 var(--hera-size) var(--hera-font);
  }
  .node:hover > rect {
    stroke: var(--look);
    stroke-width: 2;
  }
  .node:focus-visible > rect {
    stroke: var(--hera-focus);
    stroke-width: 3;
  }
  .node.off > rect {
    stroke-dasharray: 4 3;
  }
  .node.off text {
    fill: var(--hera-text-quiet);
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
`;
