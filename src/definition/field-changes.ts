/** What differs of two editions of one thing, one line each: the field, before and after. */
export function fieldChanges(old: object, now: object, unread: readonly string[] = []): string[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => !unread.includes(name));
  return names.flatMap((name) => {
    const was = written((old as Record<string, unknown>)[name]);
    const is = written((now as Record<string, unknown>)[name]);
    return was === is ? [] : [`${name}: ${was} → ${is}`];
  });
}

/** A value as text, maps with their keys in order so that equal values read the same. */
function written(value: unknown): string {
  if (value === undefined) return 'nothing';
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
