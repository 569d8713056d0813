/**
 * Which rows of a long list are on screen. Browsers clamp very tall elements, so beyond a limit the height
 * is compressed: a scrolled pixel then stands for more than one pixel of the list.
 */

/** Height of a row in pixels, the same in both languages. */
export const ROW_PX = 18;
/** Firefox clamps at some 17 million pixels; well below that it is exact. */
const HEIGHT_PX_MAX = 8_000_000;
/** Rows beyond both edges, so that a small scroll finds them there. */
const OVERSCAN = 12;

/** What is to be drawn. */
export interface Viewport {
  /** Height of the scrolled content in pixels. */
  readonly heightPx: number;
  /** First row drawn. */
  readonly first: number;
  /** One after the last row drawn. */
  readonly end: number;
  /** Where the first drawn row stands in the content, in pixels. */
  readonly topPx: number;
}

/** The rows to draw for a scroll position; every number is a whole one or a pixel. */
export function viewportOf(rows: number, viewPx: number, scrollPx: number): Viewport {
  const fullPx = rows * ROW_PX;
  const heightPx = Math.min(fullPx, HEIGHT_PX_MAX);
  const range = Math.max(1, heightPx - viewPx);
  const offsetPx = fullPx <= heightPx ? scrollPx : (scrollPx / range) * (fullPx - viewPx);
  const top = Math.max(0, Math.min(rows, Math.floor(offsetPx / ROW_PX)));
  const first = Math.max(0, top - OVERSCAN);
  const end = Math.min(rows, top + Math.ceil(viewPx / ROW_PX) + OVERSCAN);
  return { heightPx, first, end, topPx: scrollPx - (offsetPx - first * ROW_PX) };
}

/** The scroll position that puts a row a third below the top edge. */
export function scrollTo(row: number, rows: number, viewPx: number): number {
  const fullPx = rows * ROW_PX;
  const heightPx = Math.min(fullPx, HEIGHT_PX_MAX);
  const wantedPx = Math.max(0, row * ROW_PX - viewPx / 3);
  return fullPx <= heightPx ? wantedPx : (wantedPx / Math.max(1, fullPx - viewPx)) * (heightPx - viewPx);
}
