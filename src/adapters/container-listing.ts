import type { DockerAnswer, DockerApi } from './docker-api.ts';
import { getJsonWithin } from './get-json-within.ts';
import { jsonAt, textAt } from './json-at.ts';
import { type ListedContainer, readContainer, readRow } from './listed-container.ts';

/** Lists the engine's containers, and looks closer only at those that may have changed. */
export type ContainerListing = {
  /** Something happened to this one, as the engine's events name it: it is looked at closer the next time. */
  readonly touch: (id: string, action: string) => void;
  /** All there are, in the order of their making. Only one at a time may be asked for. */
  readonly list: () => Promise<DockerAnswer<readonly ListedContainer[]>>;
};

/** The engine lets a question wait while it starts or removes the container; the others need not wait for it. */
const INSPECT_MS = 3_000;
/** Exit status of what SIGKILL ended. */
const KILLED = 137;

/** @param signal ends what is being asked. */
export function createListing(api: DockerApi, signal: AbortSignal): ContainerListing {
  let known = new Map<string, Seen>();
  const touched = new Set<string>();
  /** Where the engine hears late of the want of memory, it says it in its events and nowhere else. */
  const starved = new Set<string>();
  /** Undefined: it is gone since it was listed. */
  const look = async (row: unknown): Promise<Seen | undefined> => {
    const id = textAt(row, 'Id');
    const answer = await getJsonWithin({ api, path: `/containers/${id}/json`, withinMs: INSPECT_MS, signal });
    if (answer.kind === 'answered') {
      const container = readContainer(answer.value);
      const isStarved = starved.has(id) && container.exitStatus === KILLED;
      return { glance: glanceAt(row), container: isStarved ? { ...container, isOutOfMemory: true } : container };
    }
    if (answer.kind === 'failed' && answer.failure.status === 404) return undefined;
    touched.add(id);
    return { glance: glanceAt(row), container: readRow(row, known.get(id)?.container) };
  };
  return {
    touch: (id, action) => {
      touched.add(id);
      if (action === 'oom') starved.add(id);
      if (action === 'start' || action === 'destroy') starved.delete(id);
    },
    async list() {
      const answer = await api.getJson('/containers/json?all=1', signal);
      if (answer.kind !== 'answered') return answer;
      const before = new Set(touched);
      touched.clear();
      const seen = await Promise.all(
        rowsIn(answer.value).map(async (row) => {
          const id = textAt(row, 'Id');
          const old = known.get(id);
          return old === undefined || before.has(id) || old.glance !== glanceAt(row) ? look(row) : old;
        }),
      );
      const there = seen.filter((one) => one !== undefined);
      known = new Map(there.map((one) => [one.container.id, one]));
      const containers = there.map(({ container }) => container);
      return { kind: 'answered', value: containers.toSorted((a, b) => a.createdAt - b.createdAt) };
    },
  };
}

type Seen = { readonly glance: string; readonly container: ListedContainer };

function rowsIn(listed: unknown): readonly unknown[] {
  return Array.isArray(listed) ? listed : [];
}

/** What of a row of the list can change while its id stays; its time changes too, and says nothing. */
function glanceAt(row: unknown): string {
  const [words = ''] = /\(.*\)/.exec(textAt(row, 'Status')) ?? [];
  return JSON.stringify([textAt(row, 'State'), jsonAt(row, 'Names'), words]);
}
