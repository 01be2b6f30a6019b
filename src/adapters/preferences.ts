import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Conf from 'conf';

type Stored = {
  /** By working folder: the runbook that was opened last there. */
  readonly opened: Readonly<Record<string, string>>;
};

type Kept = Partial<Stored>;

/** The operator's preferences. Losing them loses no progress: runs are found by their folders. */
export type Preferences = {
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
  const opened = (): Stored['opened'] => {
    try {
      return store?.store.opened ?? {};
    } catch {
      return {};
    }
  };
  return {
    openedIn: (path) => opened()[path],
    setOpenedIn: (path, definitionPath) => {
      try {
        if (store) store.store = { ...store.store, opened: { ...opened(), [path]: definitionPath } };
      } catch {
        return;
      }
    },
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
