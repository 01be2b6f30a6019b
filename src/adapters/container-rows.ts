import { type KnownWanted, matchesWanted } from './compose-project.ts';
import type { ListedContainer } from './listed-container.ts';

/** A container under the key that it shares with those it replaces and those that replace it. */
export type ContainerRow = { readonly key: string; readonly container: ListedContainer };

/**
 * One row for each key of what is wanted, sorted by it: the container that runs, else the newest. While compose recreates
 * a container, the old and the new one exist. Pure but for the paths that {@link matchesWanted} looks at.
 */
export function rowsOf(containers: readonly ListedContainer[], wanted: KnownWanted): readonly ContainerRow[] {
  const rows = new Map<string, ListedContainer>();
  for (const container of containers) {
    if (!matchesWanted(wanted, container)) continue;
    const key = keyOf(container, wanted.kind);
    const other = rows.get(key);
    if (other === undefined || isBefore(container, other)) rows.set(key, container);
  }
  return [...rows]
    .map(([key, container]) => ({ key, container }))
    .toSorted((a, b) => a.key.localeCompare(b.key, 'en', { numeric: true }));
}

/**
 * Among the containers of one compose project the service, with `-<n>` from its second container on; the container's
 * name otherwise: two projects may have a service of one name.
 */
export function keyOf({ name, compose }: ListedContainer, kind: KnownWanted['kind']): string {
  if (kind !== 'compose' || compose === undefined || compose.isOneOff) return name;
  return compose.number === 1 ? compose.service : `${compose.service}-${compose.number}`;
}

function isBefore(one: ListedContainer, other: ListedContainer): boolean {
  if (isThere(one) !== isThere(other)) return isThere(one);
  return one.createdAt > other.createdAt;
}

function isThere({ state }: ListedContainer): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}
