import type { Position } from './runbook.ts';

/** Where something stands: its path in the structure, its position in the text, and how much to underline. */
export type Place = { readonly path: string; readonly position: Position; readonly length: number };

/** Offsets into the text; `end` is behind the last character to underline. */
export type Range = { readonly start: number; readonly end: number };

/** One entry of a map or list. `written` is a scalar as the text has it (`1.10`, where the value is 1.1). */
export type SourceItem = {
  readonly path: string;
  readonly key?: Range;
  readonly value: Range;
  readonly written?: string;
};

/** A map or list of the text. */
export type SourceNode = {
  readonly path: string;
  readonly range: Range;
  /** Entries of a map, in order. */
  readonly keys: Map<string, SourceItem>;
  /** Entries of a list. */
  readonly items: SourceItem[];
};

/**
 * Knows where every value and key of a parsed text stands. Values are named by the object or array that
 * holds them and their key in it, so an answer stays right when a broken sibling is taken out.
 */
export type Source = {
  readonly text: string;
  readonly top: Place;
  /** The place of a map or list itself. */
  readonly of: (container: object) => Place;
  /** The place of a value; where the key is absent, that of the map that lacks it. */
  readonly value: (container: object, key: string | number) => Place;
  /** The place of a key itself. */
  readonly key: (container: object, key: string) => Place;
  /** A scalar as the text has it, before it became a number or a boolean. */
  readonly written: (container: object, key: string | number) => string | undefined;
  /** The place of a part of a string value; `index` and `length` count in the value. */
  readonly within: (container: object, key: string | number, part: { index: number; length: number }) => Place;
  /** Takes an element out of a list; the rest keep their places. */
  readonly removeItem: (list: unknown[], index: number) => void;
};

/** Makes the answers of {@link Source} from the nodes that parsing recorded. */
export function createSource(text: string, nodes: WeakMap<object, SourceNode>): Source {
  const locate = locator(text);
  const top: Place = { path: '', position: { line: 1, column: 1 }, length: 1 };
  const item = (container: object, key: string | number): SourceItem | undefined => {
    const node = nodes.get(container);
    return typeof key === 'number' ? node?.items[key] : node?.keys.get(key);
  };
  const of = (container: object): Place => {
    const node = nodes.get(container);
    return node === undefined ? top : { path: node.path, ...locate(node.range) };
  };
  const value = (container: object, key: string | number): Place => {
    const found = item(container, key);
    if (found !== undefined) return { path: found.path, ...locate(found.value) };
    const place = of(container);
    return { ...place, path: joinPath(place.path, key) };
  };
  return {
    text,
    top,
    of,
    value,
    key: (container, key) => {
      const found = item(container, key);
      return found?.key === undefined ? value(container, key) : { path: found.path, ...locate(found.key) };
    },
    written: (container, key) => item(container, key)?.written,
    within: (container, key, part) => {
      const found = item(container, key);
      const held = (container as Record<string | number, unknown>)[key];
      if (found === undefined || typeof held !== 'string') return value(container, key);
      return { path: found.path, ...locate(rangeWithin({ text, value: held, range: found.value, ...part })) };
    },
    removeItem: (list, index) => {
      list.splice(index, 1);
      nodes.get(list)?.items.splice(index, 1);
    },
  };
}

/** `phases[2].steps[0].run`: the path of an entry, given its container's. */
export function joinPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Turns offsets into line, column and length; binary search over the line starts. */
export function locator(text: string): (range: Range) => { readonly position: Position; readonly length: number } {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return ({ start, end }) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= start) low = middle;
      else high = middle - 1;
    }
    const next = starts[low + 1];
    const lineEnd = next === undefined ? text.length : next - (text[next - 2] === '\r' ? 2 : 1);
    const lineStart = starts[low] ?? 0;
    return {
      position: { line: low + 1, column: start - lineStart + 1 },
      length: Math.max(1, Math.min(end, lineEnd) - start),
    };
  };
}

/**
 * Finds a part of a scalar's value in the scalar as written. Quoting, folding and indentation move
 * characters but keep the order of words, so the n-th occurrence there is the n-th occurrence here.
 */
function rangeWithin(part: { text: string; value: string; range: Range; index: number; length: number }): Range {
  const word = part.value.slice(part.index, part.index + part.length).split('\n')[0] ?? '';
  if (word === '') return part.range;
  let at = part.text.indexOf(word, part.range.start);
  for (
    let seen = part.value.indexOf(word);
    seen !== -1 && seen < part.index;
    seen = part.value.indexOf(word, seen + 1)
  ) {
    if (at === -1) break;
    at = part.text.indexOf(word, at + 1);
  }
  return at === -1 || at + word.length > part.range.end ? part.range : { start: at, end: at + word.length };
}
