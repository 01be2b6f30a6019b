import { join } from 'node:path';
import { listRunbookIds, listRunIds, runFolder } from '../../adapters/run-folders.ts';
import type { Leftover } from './leftover.ts';
import { lostRunners } from './lost-runners.ts';
import { runLeftovers, unfinishedFiles } from './run-leftovers.ts';
import { socketLeftovers } from './socket-leftovers.ts';

/**
 * What crashes left behind, in all runs of a data folder and among the control sockets. Changes nothing.
 *
 * @param sockets the folder of control sockets; it need not be there.
 */
export async function findLeftovers(dataDir: string, sockets: string): Promise<readonly Leftover[]> {
  const found: Leftover[] = [...(await unfinishedFiles(dataDir))];
  for (const runbookId of await listRunbookIds(dataDir)) {
    for (const runId of await listRunIds(dataDir, runbookId)) {
      found.push(...(await runLeftovers(runFolder(dataDir, runbookId, runId))));
    }
  }
  return [...found, ...(await socketLeftovers(sockets)), ...(await lostRunners())];
}

/** Where they are looked for, for messages. */
export function placesText(dataDir: string, sockets: string): string {
  return `${join(dataDir, 'runs')} and ${sockets}`;
}
