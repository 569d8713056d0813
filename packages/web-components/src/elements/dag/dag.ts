/** The job graph in columns, each job coloured by the phase of its newest run. Walked by arrow keys. */
import type { Graph, GraphNode, HeraEvent } from '@hera/api';
import type { PropertyValues } from 'lit';
import { html, nothing, svg } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { HeraElement } from '../../base.js';
import { graphAfter } from '../../graph-events.js';
import { MARKS, PHASE_LOOKS, UNKNOWN_LOOK } from '../../icons.js';
import { Loader } from '../../loader.js';
import { announceNavigation, jobHref } from '../../navigate.js';
import { problemStrip, skeleton } from '../../problem.js';
import type { Source } from '../../source.js';
import { base, controls, panels } from '../../styles.js';
import { translate, translateCode } from '../../translate.js';
import { dagStyles } from './dag-styles.js';
import type { Layout, PlacedNode } from './layout.js';
import { layoutGraph } from './layout.js';

const SIZES = { width: 176, height: 36, gapX: 56, gapY: 14 };
const MARGIN = 12;
const ZOOM_STEP = 1.25;
const ZOOM_MIN = 0.25;
const ZOOM_MAX = 2;
/** Columns of Latin letters that fit in a node; a Chinese one takes two. */
const NAME_COLUMNS = 20;

/** The graph with its picture and who is next to whom. */
interface Picture {
  readonly graph: Graph;
  readonly layout: Layout;
  readonly edges: readonly (readonly [number, number])[];
  readonly up: readonly (readonly number[])[];
  readonly down: readonly (readonly number[])[];
}

/**
 * A graph of jobs. With a `source` it loads and follows the events; without one it shows `data`. Left and
 * right walk along the edges, up and down within a column, Enter opens the runs of the job.
 *
 * @fires {HeraNavigateEvent} hera-navigate - A job was chosen; cancelable.
 * @csspart toolbar - Legend and zoom.
 * @csspart view - The scrolled area.
 * @cssproperty [--hera-dag-height=auto] - Height of the scrolled area.
 */
export class HeraDag extends HeraElement {
  static override styles = [base, controls, panels, dagStyles];

  /** Where the graph comes from. */
  @property({ attribute: false }) source: Source | undefined;

  /** The graph to show when there is no source. */
  @property({ attribute: false }) data: Graph | undefined;

  @state() private zoom: number | undefined;
  @state() private current = 0;
  @query('[part=view]') private view!: HTMLElement | null;
  #picture: Picture | undefined;

  readonly #loader = new Loader<Graph>(this, {
    source: () => this.source,
    question: () => '',
    load: (source, signal) => source.graph(signal),
    concerns: (event: HeraEvent) => event.type === 'job.changed',
    apply: graphAfter,
  });

  override willUpdate(): void {
    const graph = this.data ?? this.#loader.value;
    if (graph === this.#picture?.graph) return;
    this.#picture = graph && pictureOf(graph, this.#picture);
    this.current = Math.min(this.current, Math.max(0, (graph?.nodes.length ?? 0) - 1));
  }

  override render() {
    const picture = this.#picture;
    return html`
      ${problemStrip(this.#loader)}
      ${
        picture
          ? picture.graph.nodes.length === 0
            ? html`<div class="panel blank" role="status">
                <h2>${translate('graph.empty.title')}</h2>
                <p>${translate('graph.empty.text')}</p>
              </div>`
            : html`<div class="panel">${this.#toolbar(picture)}${this.#canvas(picture)}</div>`
          : this.#loader.isLoading
            ? html`<div class="panel">${skeleton(6)}</div>`
            : nothing
      }
    `;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const { view } = this;
    const picture = this.#picture;
    if (!view || !picture) return;
    this.zoom ??= fitting(picture.layout, view.clientWidth);
  }

  #toolbar({ graph }: Picture) {
    const phases = new Set(graph.nodes.map(({ value }) => value.phase));
    const shown = Object.keys(PHASE_LOOKS).filter((phase) => phases.has(phase as GraphNode['phase']));
    return html`<div part="toolbar">
      <ul aria-label=${translate('graph.legend')}>
        ${shown.map((phase) => html`<li><hera-status state=${phase}></hera-status></li>`)}
      </ul>
      <button
        type="button"
        aria-label=${translate('graph.zoomOut')}
        @click=${() => this.#scale(1 / ZOOM_STEP)}
      >
        −
      </button>
      <button type="button" aria-label=${translate('graph.zoomIn')} @click=${() => this.#scale(ZOOM_STEP)}>
        +
      </button>
      <button type="button" @click=${() => (this.zoom = undefined)}>${translate('graph.fit')}</button>
    </div>`;
  }

  #canvas(picture: Picture) {
    const { layout, graph, edges } = picture;
    const width = layout.width + 2 * MARGIN;
    const height = layout.height + 2 * MARGIN;
    const zoom = this.zoom ?? 1;
    const label = translate('graph.region', { nodes: graph.nodes.length, edges: edges.length });
    return html`<div part="view" @keydown=${this.#walk} @click=${announceNavigation}>
      <svg
        role="group"
        aria-label=${label}
        width=${Math.round(width * zoom)}
        height=${Math.round(height * zoom)}
        viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}"
      >
        <g class="edges">
          ${layout.edges.map((points, index) => {
            const [from, to] = edges[index] ?? [-1, -1];
            const isNear = from === this.current || to === this.current;
            return svg`<path class=${isNear ? 'near' : ''} d=${pathOf(points)}></path>`;
          })}
        </g>
        ${graph.nodes.map((_, node) => this.#node(picture, node))}
      </svg>
    </div>`;
  }

  #node(picture: Picture, node: number) {
    const entry = picture.graph.nodes[node];
    const place = picture.layout.nodes[node];
    if (!entry || !place) return nothing;
    const { v: name, value } = entry;
    const look = PHASE_LOOKS[value.phase] ?? UNKNOWN_LOOK;
    const isOff = value.state !== 'enabled';
    return svg`<a
      href=${jobHref(name)}
      class="node ${look.kind} ${isOff ? 'off' : ''}"
      data-node=${node}
      tabindex=${node === this.current ? 0 : -1}
      aria-label=${labelOf(picture, node)}
      transform="translate(${place.x} ${place.y})"
      @focus=${() => (this.current = node)}
    >
      <title>${value.title === '' ? name : `${name} · ${value.title}`}</title>
      <rect width=${SIZES.width} height=${SIZES.height} rx="6"></rect>
      <g class="mark" transform="translate(10 10)">${MARKS[look.mark]}</g>
      <text x="34" y="23">${shorten(name)}</text>
    </a>`;
  }

  #scale(by: number): void {
    this.zoom = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, (this.zoom ?? 1) * by));
  }

  #walk(event: KeyboardEvent): void {
    const picture = this.#picture;
    const next = picture && neighbourOf(picture, this.current, event.key);
    if (next === undefined) return;
    event.preventDefault();
    this.current = next;
    this.renderRoot.querySelector<SVGElement>(`[data-node="${next}"]`)?.focus();
  }
}

/** Keeps the old picture's places when only phases have changed, so that nothing moves under the reader. */
function pictureOf(graph: Graph, old: Picture | undefined): Picture {
  if (old && sameShape(graph, old.graph)) return { ...old, graph };
  const index = new Map(graph.nodes.map(({ v }, at) => [v, at]));
  const edges = graph.edges.flatMap(({ v, w }): (readonly [number, number])[] => {
    const from = index.get(v);
    const to = index.get(w);
    return from === undefined || to === undefined ? [] : [[from, to]];
  });
  const up: number[][] = graph.nodes.map(() => []);
  const down: number[][] = graph.nodes.map(() => []);
  for (const [from, to] of edges) {
    down[from]?.push(to);
    up[to]?.push(from);
  }
  return { graph, edges, up, down, layout: layoutGraph({ count: graph.nodes.length, edges }, SIZES) };
}

function sameShape(a: Graph, b: Graph): boolean {
  return (
    a.nodes.length === b.nodes.length &&
    a.edges.length === b.edges.length &&
    a.nodes.every(({ v }, index) => v === b.nodes[index]?.v) &&
    a.edges.every(({ v, w }, index) => v === b.edges[index]?.v && w === b.edges[index]?.w)
  );
}

/** The node that a key leads to; undefined when it leads nowhere. */
function neighbourOf({ up, down, layout }: Picture, node: number, key: string): number | undefined {
  if (key === 'ArrowRight') return down[node]?.[0];
  if (key === 'ArrowLeft') return up[node]?.[0];
  if (key === 'Home') return 0;
  if (key === 'End') return layout.nodes.length - 1;
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined;
  const here = layout.nodes[node];
  const isDown = key === 'ArrowDown';
  const candidates = [...layout.nodes.entries()].filter(
    ([, { x, y }]) => here && x === here.x && (isDown ? y > here.y : y < here.y),
  );
  const distance = ([, { y }]: [number, PlacedNode]) => Math.abs(y - (here?.y ?? 0));
  return candidates.sort((a, b) => distance(a) - distance(b))[0]?.[0];
}

function labelOf({ graph, up, down }: Picture, node: number): string {
  const entry = graph.nodes[node];
  const names = (nodes: readonly number[] = []) =>
    nodes.map((other) => graph.nodes[other]?.v).join(', ') || translate('graph.nobody');
  return translate('graph.node', {
    job: entry?.v ?? '',
    phase: translateCode('phase', entry?.value.phase ?? 'none'),
    upstream: names(up[node]),
    downstream: names(down[node]),
  });
}

/** Whole graph in the width, but never larger than life and never too small to read. */
function fitting(layout: Layout, viewPx: number): number {
  const fit = viewPx / (layout.width + 2 * MARGIN);
  return Math.min(1, Math.max(0.55, fit));
}

/** Curves between the points, level at both ends of each. */
function pathOf(points: Layout['edges'][number]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let [x, y] = first;
  let path = `M${x} ${y}`;
  for (const [toX, toY] of rest) {
    const middle = (x + toX) / 2;
    path += toY === y ? `H${toX}` : `C${middle} ${y} ${middle} ${toY} ${toX} ${toY}`;
    [x, y] = [toX, toY];
  }
  return path;
}

function shorten(name: string): string {
  let columns = 0;
  let text = '';
  for (const letter of name) {
    columns += letter.charCodeAt(0) > 0x2e7f ? 2 : 1;
    if (columns > NAME_COLUMNS) return `${text}…`;
    text += letter;
  }
  return text;
}

declare global {
  interface HTMLElementTagNameMap {
    'hera-dag': HeraDag;
  }
}
