import { listRunbookIds } from '../adapters/run-folders.ts';
import { findCurrentRun, readRun } from '../read-run.ts';
import { runStatus } from '../run/status.ts';
import type { DefinitionFile } from '../surroundings.ts';

/**
 * The definition that a run which is not over keeps in its folder: for a file that was broken, or is gone, since the run
 * began. Undefined: no such run.
 *
 * @param meant the file's absolute path, or the runbook's id.
 */
export async function storedDefinition(input: {
  readonly meant: readonly string[];
  readonly dataDir: string;
}): Promise<DefinitionFile | undefined> {
  for (const id of await listRunbookIds(input.dataDir)) {
    const folder = await findCurrentRun(input.dataDir, id);
    if (!folder) continue;
    const { run, texts } = await readRun(folder);
    const text = texts.get(run.definition);
    const isMeant = input.meant.includes(run.definitionPath) || input.meant.includes(run.runbook.id);
    if (!isMeant || text === undefined || ['not started', 'succeeded', 'rolled back'].includes(runStatus(run)))
      continue;
    return { path: run.definitionPath, text, runbook: run.runbook, isStored: true };
  }
  return undefined;
}
