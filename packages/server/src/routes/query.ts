/** A request's fields without those that are absent: services tell "not given" by a missing key. */
type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** A copy without undefined values. */
export function definedOnly<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
