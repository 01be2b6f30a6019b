import Conf from 'conf';

type Stored = {
  /** By runbook id: which run is the current one. */
  readonly current: Readonly<Record<string, string>>;
  /** By working folder: the runbook that was opened last there. */
  readonly opened: Readonly<Record<string, string>>;
};

/** The operator's preferences. Losing them loses no progress: runs are found by their folders. */
export type Preferences = {
  readonly currentRun: (runbookId: string) => string | undefined;
  readonly setCurrentRun: (runbookId: string, runId: string | undefined) => void;
  readonly openedIn: (folder: string) => string | undefined;
  readonly setOpenedIn: (folder: string, definitionPath: string) => void;
};

/** @param folder where the file is kept. */
export function openPreferences(folder: string): Preferences {
  const store = new Conf<Stored>({
    cwd: folder,
    configName: 'preferences',
    clearInvalidConfig: true,
    configFileMode: 0o600,
    defaults: { current: {}, opened: {} },
  });
  // A preference that can't be written is not worth an exception in the middle of a change.
  const keep = (change: () => void) => {
    try {
      change();
    } catch {
      return;
    }
  };
  return {
    currentRun: (runbookId) => store.get('current')[runbookId],
    setCurrentRun: (runbookId, runId) =>
      keep(() => {
        const { [runbookId]: _, ...rest } = store.get('current');
        store.set('current', runId === undefined ? rest : { ...rest, [runbookId]: runId });
      }),
    openedIn: (path) => store.get('opened')[path],
    setOpenedIn: (path, definitionPath) =>
      keep(() => store.set('opened', { ...store.get('opened'), [path]: definitionPath })),
  };
}
