import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Conf from 'conf';

type Stored = {
  /** By runbook id: which run is the current one. */
  readonly current: Readonly<Record<string, string>>;
  /** By working folder: the runbook that was opened last there. */
  readonly opened: Readonly<Record<string, string>>;
};

type Kept = Partial<Stored>;

/** The operator's preferences. Losing them loses no progress: runs are found by their folders. */
export type Preferences = {
  readonly currentRun: (runbookId: string) => string | undefined;
  readonly setCurrentRun: (runbookId: string, runId: string | undefined) => void;
  readonly openedIn: (folder: string) => string | undefined;
  readonly setOpenedIn: (folder: string, definitionPath: string) => void;
};

/**
 * Nothing is written before there is something to remember, and what can't be read or written is done without: a preference
 * is not worth an exception in the middle of a change.
 *
 * @param folder where the file is kept.
 */
export function openPreferences(folder: string): Preferences {
  const store = openStore(folder);
  const read = (part: keyof Stored) => store?.store[part] ?? {};
  const keep = (part: keyof Stored, value: Stored[keyof Stored]) => {
    try {
      if (store) store.store = { ...store.store, [part]: value };
    } catch {
      return;
    }
  };
  return {
    currentRun: (runbookId) => read('current')[runbookId],
    setCurrentRun: (runbookId, runId) => {
      const { [runbookId]: _, ...rest } = read('current');
      keep('current', runId === undefined ? rest : { ...rest, [runbookId]: runId });
    },
    openedIn: (path) => read('opened')[path],
    setOpenedIn: (path, definitionPath) => keep('opened', { ...read('opened'), [path]: definitionPath }),
  };
}

function openStore(folder: string): Conf<Kept> | undefined {
  try {
    // Looking makes the folder; by itself it would be open to others.
    makeFolder(folder);
    // Without defaults: they would be written at once.
    return new Conf<Kept>({
      cwd: folder,
      configName: 'preferences',
      clearInvalidConfig: true,
      configFileMode: 0o600,
    });
  } catch {
    return undefined;
  }
}

/** One after the other: Node's own way of making parents never ends where a folder refuses any other (`/proc`). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}
