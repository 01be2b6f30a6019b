import { dirname, join } from 'node:path';
import { beginLock, listBegunIds, listRunbookIds, listRunIds, runFolder } from '../../adapters/run-folders.ts';
import type { Leftover } from './leftover.ts';
import { lostRunners } from './lost-runners.ts';
import { mayBeOpen, type RunInView, viewOf } from './run-in-view.ts';
import { beginLeftovers, openRunLeftovers, runLeftovers } from './run-leftovers.ts';
import { socketLeftovers } from './socket-leftovers.ts';
import { unfinishedFiles } from './unfinished-files.ts';

/**
 * What crashes left behind, in all runs of a data folder and among the control sockets. Changes nothing.
 *
 * @param sockets the folder of control sockets; it need not be there.
 */
export async function findLeftovers(dataDir: string, sockets: string): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  const [closed, open]: [RunInView[], RunInView[]] = [[], []];
  for (const { path, look } of await runsOf(dataDir)) {
    try {
      const view = await look();
      const isOpen = await mayBeOpen(view);
      (isOpen ? open : closed).push(view);
      found.push(...(await (isOpen ? openRunLeftovers(view) : runLeftovers(view))));
    } catch (error) {
      // One run that is damaged is not to keep the others from being looked at.
      found.push(unseen(path, error));
    }
  }
  for (const runbookId of await listBegunIds(dataDir)) {
    const lock = beginLock(dataDir, runbookId);
    found.push(...(await beginLeftovers(lock).catch((error: unknown) => [unseen(dirname(lock), error)])));
  }
  const ofSockets = socketLeftovers({
    folder: sockets,
    attempts: closed.flatMap(({ attempts }) => attempts),
    elsewhere: open.flatMap(({ attempts }) => attempts),
    mayRemove: async (attempt) => {
      const view = closed.find(({ folder }) => folder.path === dirname(dirname(attempt)));
      return view !== undefined && !(await mayBeOpen(view));
    },
  });
  const looked = [unfinishedFiles(dataDir, 'looked at'), unfinishedFiles(sockets, 'looked at')];
  return [...found, ...(await Promise.all([ofSockets, lostRunners(), ...looked])).flat()];
}

type RunToSee = { readonly path: string; readonly look: () => Promise<RunInView> };

async function runsOf(dataDir: string): Promise<readonly RunToSee[]> {
  const runs: RunToSee[] = [];
  for (const runbookId of await listRunbookIds(dataDir)) {
    for (const runId of await listRunIds(dataDir, runbookId)) {
      const folder = runFolder(dataDir, runbookId, runId);
      runs.push({ path: folder.path, look: () => viewOf(folder) });
    }
  }
  return runs;
}

function unseen(path: string, error: unknown): Leftover {
  const why = error instanceof Error ? error.message : String(error);
  return {
    what: 'run',
    path,
    found: `it can’t be looked at: ${why}`,
    mend: 'See who owns its files, and their modes.',
  };
}

/** Where they are looked for, for messages. */
export function placesText(dataDir: string, sockets: string): string {
  return `${join(dataDir, 'runs')} and ${sockets}`;
}
