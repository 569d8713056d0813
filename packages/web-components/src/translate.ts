/** Texts in the language that is chosen, and the few formats that depend on it. */
import type { MessageKey } from './messages/en.js';
import { en } from './messages/en.js';
import { zh } from './messages/zh.js';
import type { Locale } from './settings.js';
import { settings } from './settings.js';

const CATALOGUES: Readonly<Record<Locale, Readonly<Record<MessageKey, string>>>> = { en, zh };

/** Values for the places of a text, `{name}`. */
export type MessageValues = Readonly<Record<string, string | number>>;

/** The text of a key; each `{name}` is replaced by its value, and numbers are grouped. */
export function translate(key: MessageKey, values: MessageValues = {}): string {
  return CATALOGUES[settings().locale][key].replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === 'number' ? formatCount(value) : value;
  });
}

/** The text of `prefix.code`, or the code itself when a newer server sends one that is not known here. */
export function translateCode(prefix: string, code: string, values: MessageValues = {}): string {
  const key = `${prefix}.${code}`;
  return key in en ? translate(key as MessageKey, values) : code;
}

/** Language tag for `Intl` and for `lang`. */
export const languageTag = () => (settings().locale === 'zh' ? 'zh-CN' : 'en-GB');

/** A whole number with its thousands grouped. */
export const formatCount = (count: number) => new Intl.NumberFormat(languageTag()).format(count);
