/** The one assertion of the contracts that need no test framework. */

/** Throws, showing both, unless they are the same data; the order of keys does not count. */
export function expectEqual(actual: unknown, expected: unknown): void {
  const found = canonical(actual);
  const wanted = canonical(expected);
  if (found !== wanted) throw new Error(`expected ${clip(wanted)}\n   found ${clip(found)}`);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

const TEXT_MAX = 2_000;
const clip = (text: string) => (text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text);
