import type { CST } from 'yaml';

/**
 * Looks for maps and lists that are nested deeper than allowed, without recursion: it runs before
 * anything that recurses sees the text.
 *
 * @returns The offset of the first one that is too deep; undefined where none is.
 */
export function tokenDepth(token: CST.Token, deepest: number): number | undefined {
  const waiting: { token: CST.Token; depth: number }[] = [{ token, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token: current, depth } = next;
    if (current.type === 'document' && current.value !== undefined) waiting.push({ token: current.value, depth });
    if (!('items' in current)) continue;
    if (depth >= deepest) return current.offset;
    for (const item of current.items) {
      if (item.key) waiting.push({ token: item.key, depth: depth + 1 });
      if (item.value) waiting.push({ token: item.value, depth: depth + 1 });
    }
  }
  return undefined;
}
