import type { z } from 'zod';
import { flatten, holderOf, type Issue, valueAt } from './schema-problems.ts';
import type { Source } from './source.ts';

/** Each round takes at least one broken value out; a file that needs more rounds is not worth more rules. */
const mostRounds = 12;

/** What is left of a broken input after taking out what is wrong. */
export type Repaired<T> = {
  /** Undefined where nothing usable is left. */
  readonly value: T | undefined;
  /** The maps and lists something was taken out of, and those around them: what they lack proves nothing. */
  readonly touched: ReadonlySet<object>;
};

/**
 * Takes out of a value what its schema refuses, so that rules can look at the rest and all errors are
 * reported at once. Changes `value` in place: its maps and lists keep their places in the source.
 */
export function repair<T>(schema: z.ZodType<T>, value: unknown, source: Source): Repaired<T> {
  const touched = new Set<object>();
  const filled = new Map<object, Set<string>>();
  for (let round = 0; round < mostRounds; round++) {
    const parsed = schema.safeParse(value);
    if (parsed.success) return { value: value as T, touched };
    const issues = parsed.error.issues.flatMap(flatten);
    const removals: { list: unknown[]; index: number }[] = [];
    for (const issue of issues) {
      for (let depth = 0; depth <= issue.path.length; depth++) {
        const around = valueAt(value, issue.path.slice(0, depth));
        if (around !== null && typeof around === 'object') touched.add(around);
      }
      mend({ issue, root: value, filled, removals });
    }
    const seen = new Map<unknown[], Set<number>>();
    for (const { list, index } of removals) seen.set(list, (seen.get(list) ?? new Set()).add(index));
    for (const [list, indexes] of seen) {
      for (const index of [...indexes].sort((a, b) => b - a)) source.removeItem(list, index);
    }
  }
  return { value: undefined, touched };
}

type Mending = {
  readonly issue: Issue;
  readonly root: unknown;
  readonly filled: Map<object, Set<string>>;
  readonly removals: { list: unknown[]; index: number }[];
};

function mend({ issue, root, filled, removals }: Mending): void {
  if (issue.code === 'unrecognized_keys') {
    const container = valueAt(root, issue.path) as Record<string, unknown>;
    for (const key of issue.keys) delete container[key];
    return;
  }
  const at = holderOf(root, issue.path);
  if (at === undefined) return;
  const { holder, key } = at;
  if (Array.isArray(holder)) {
    removals.push({ list: holder, index: Number(key) });
    return;
  }
  const map = holder as Record<string, unknown>;
  if (Object.hasOwn(map, key) && !filled.get(map)?.has(String(key))) {
    delete map[key];
    return;
  }
  const already = filled.get(map) ?? new Set<string>();
  if (already.has(String(key))) {
    removeWhole(root, issue.path.slice(0, -1), removals);
    return;
  }
  filled.set(map, already.add(String(key)));
  map[key] = standIn(issue, filled.size);
}

/** A value for a key that has to be there and is not; unlike every other, so that ids derived from it do not collide. */
function standIn(issue: Issue, count: number): unknown {
  if (issue.code === 'invalid_value') return issue.values[0];
  if (issue.code !== 'invalid_type') return `missing ${count}`;
  if (issue.expected === 'array') return [];
  if (issue.expected === 'object' || issue.expected === 'record') return {};
  return issue.expected === 'string' ? `missing ${count}` : 1;
}

function removeWhole(root: unknown, path: readonly PropertyKey[], removals: Mending['removals']): void {
  const at = holderOf(root, path);
  if (at === undefined) return;
  if (Array.isArray(at.holder)) removals.push({ list: at.holder, index: Number(at.key) });
  else delete (at.holder as Record<string, unknown>)[at.key];
}
