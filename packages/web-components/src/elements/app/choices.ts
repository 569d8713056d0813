/** What a reader has chosen, kept in the browser. Without storage the choices last as long as the page. */
import type { Locale } from '../../settings.js';
import { LOCALES } from '../../settings.js';

/** Light, dark, or as the system says. */
export type Theme = 'auto' | 'light' | 'dark';

/** The kept choices; what was never chosen is absent. */
export interface Choices {
  readonly locale?: Locale;
  readonly theme?: Theme;
}

const KEY = 'hera.choices';

/** The choices as they were kept; none when there are none, or when they cannot be read. */
export function loadChoices(): Choices {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return {};
    const locale = LOCALES.find((name) => 'locale' in kept && kept.locale === name);
    const theme = (['auto', 'light', 'dark'] as const).find((name) => 'theme' in kept && kept.theme === name);
    return { ...(locale && { locale }), ...(theme && { theme }) };
  } catch {
    return {}; // Storage is switched off, or somebody else wrote there.
  }
}

/** Keeps the choices where the browser lets us. */
export function saveChoices(choices: Choices): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(choices));
  } catch {
    return; // Storage is switched off or full: the choice holds for this page.
  }
}
