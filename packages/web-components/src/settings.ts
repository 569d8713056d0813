/**
 * What a reader has chosen for all elements of a page: the language and the time zone of what is shown.
 * One place for the whole page, so that elements of different origin agree; elements follow it live.
 */

/** Languages that every text exists in. */
export const LOCALES = ['en', 'zh'] as const;
/** A language of the pages. */
export type Locale = (typeof LOCALES)[number];

/** The choices. */
export interface Settings {
  readonly locale: Locale;
  /** IANA zone that times are shown in. */
  readonly zone: string;
}

const listeners = new Set<() => void>();
let current: Settings = {
  locale: localeOf(globalThis.navigator?.language ?? 'en'),
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
};

/** The choices as they stand. */
export const settings = (): Settings => current;

/** Changes some of the choices; elements on the page render anew. */
export function changeSettings(change: Partial<Settings>): void {
  current = { ...current, ...change };
  for (const listener of listeners) listener();
}

/** Calls back after each change; the returned function ends it. */
export function onSettings(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The language of ours for a tag of the browser: `zh-Hant-TW` reads Chinese, everything else English. */
export function localeOf(tag: string): Locale {
  return /^zh\b/i.test(tag) ? 'zh' : 'en';
}
