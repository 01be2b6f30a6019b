/** What stands under these keys of a parsed JSON value; undefined: nothing does. */
export function jsonAt(value: unknown, ...keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  return found;
}

/** The text that stands there; empty: none does. */
export function textAt(value: unknown, ...keys: readonly string[]): string {
  const found = jsonAt(value, ...keys);
  return typeof found === 'string' ? found : '';
}

/** The number that stands there; undefined: none does. */
export function numberAt(value: unknown, ...keys: readonly string[]): number | undefined {
  const found = jsonAt(value, ...keys);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}
