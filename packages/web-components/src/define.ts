/**
 * Registers elements. A tag that is already taken stays as it is: two copies of this package on one page must
 * not break it.
 */
import { adoptTokens } from './tokens.js';

/** Registers the class under the tag and gives the page its colours. May be called again. */
export function define(tag: string, element: CustomElementConstructor): void {
  adoptTokens(document);
  const taken = customElements.get(tag);
  if (!taken) customElements.define(tag, element);
  else if (taken !== element) console.warn(`<${tag}> is already defined by another copy; that one stays.`);
}
