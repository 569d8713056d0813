/**
 * Colours, sizes and type of all elements, as CSS custom properties for light and dark pages. `:where` has no
 * weight, so a page overrides any of them at the root or on any ancestor. `light-dark()` is resolved where a
 * colour is used: `color-scheme: dark` on a part of a page turns the elements in it, and only them.
 *
 * State colours keep apart under normal, protan, deutan and tritan sight, have 3:1 against every surface
 * they stand on, and never stand alone: each has a shape and a word. tokens.test.ts measures all of this.
 */

/** A colour in a light and in a dark page. */
export interface ColorPair {
  readonly light: string;
  readonly dark: string;
}

/** Surfaces and text. `text` and `textQuiet` are readable (4.5:1) on each of the surfaces. */
export const COLORS = {
  page: { light: '#f5f6f8', dark: '#0e1115' },
  surface: { light: '#ffffff', dark: '#14171c' },
  raised: { light: '#eef1f4', dark: '#1d2229' },
  line: { light: '#dde2e8', dark: '#2b313a' },
  lineStrong: { light: '#7f8b99', dark: '#6c7683' },
  text: { light: '#18202b', dark: '#e7eaee' },
  textQuiet: { light: '#525e6e', dark: '#a0abb8' },
  accent: { light: '#1659a8', dark: '#84b8f7' },
  onAccent: { light: '#ffffff', dark: '#0e1115' },
  focus: { light: '#1f6fd1', dark: '#84b8f7' },
} as const satisfies Readonly<Record<string, ColorPair>>;

/** One colour for each kind of state; phases share them by kind and differ by shape. */
export const STATE_COLORS = {
  idle: { light: '#72899f', dark: '#a3a4a4' },
  waiting: { light: '#a053d6', dark: '#ddc1fe' },
  running: { light: '#24447d', dark: '#4686e4' },
  success: { light: '#287364', dark: '#95f8b0' },
  retry: { light: '#be7300', dark: '#fba42a' },
  failed: { light: '#95100b', dark: '#e84a10' },
  stopped: { light: '#4c1140', dark: '#b06391' },
} as const satisfies Readonly<Record<string, ColorPair>>;

/** Kind of state, by which it is coloured. */
export type StateKind = keyof typeof STATE_COLORS;

/** Colours of log text, by the names terminals give them; readable (4.5:1) on `surface`. */
export const LOG_COLORS = {
  red: { light: '#b3261e', dark: '#ff8a7a' },
  green: { light: '#1b6e3c', dark: '#8be39f' },
  yellow: { light: '#7d5700', dark: '#f2c063' },
  blue: { light: '#1659a8', dark: '#8bbcff' },
  magenta: { light: '#8a3bb5', dark: '#dcaaff' },
  cyan: { light: '#0b6b78', dark: '#7fdcea' },
  gray: { light: '#525e6e', dark: '#a0abb8' },
} as const satisfies Readonly<Record<string, ColorPair>>;

/** Name of a colour of log text. */
export type LogColor = keyof typeof LOG_COLORS;

/** Name of the custom property of a colour: `textQuiet` is `--hera-text-quiet`. */
export const colorProperty = (name: string) =>
  `--hera-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const pair = (property: string, { light, dark }: ColorPair) => `${property}: light-dark(${light}, ${dark});`;

/** Rules that give every `--hera-*` property its value. */
export const TOKENS_CSS = `:where(:root) {
  ${Object.entries(COLORS)
    .map(([name, colors]) => pair(colorProperty(name), colors))
    .join('\n  ')}
  ${Object.entries(STATE_COLORS)
    .map(([name, colors]) => pair(`--hera-state-${name}`, colors))
    .join('\n  ')}
  ${Object.entries(LOG_COLORS)
    .map(([name, colors]) => pair(`--hera-log-${name}`, colors))
    .join('\n  ')}
  --hera-font: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'PingFang SC',
    'Hiragino Sans GB', 'Microsoft YaHei UI', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif;
  --hera-mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono',
    'Noto Sans Mono CJK SC', monospace;
  --hera-size-small: 12px;
  --hera-size: 13px;
  --hera-size-large: 16px;
  --hera-size-title: 20px;
  --hera-size-figure: 28px;
  --hera-row: 32px;
  --hera-radius: 6px;
  --hera-radius-panel: 8px;
}`;

const adopted = new WeakSet<Document>();

/** Gives a document the properties; calling it again changes nothing. */
export function adoptTokens(document: Document): void {
  if (adopted.has(document)) return;
  adopted.add(document);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(TOKENS_CSS);
  document.adoptedStyleSheets = [sheet, ...document.adoptedStyleSheets];
}
