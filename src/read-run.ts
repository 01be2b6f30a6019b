import { readJournalEnds } from './adapters/journal-ends.ts';
import { type JournalReading, readJournalFile } from './adapters/journal-file.ts';
import { listRunIds, type RunFolder, readDefinitions, runFolder } from './adapters/run-folders.ts';
import { loadRunbook } from './definition/load-runbook.ts';
import type { Runbook } from './definition/runbook.ts';
import { matchInTime } from './live/match-in-time.ts';
import { reduce, replay } from './run/reduce.ts';
import type { Run } from './run/state.ts';

/** The run can't be opened; the message says why and what to do. */
export class OpenRunError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OpenRunError';
  }
}

/**
 * The newest run of a runbook that was not put aside, and whose place no other has taken; undefined: none.
 *
 * @throws {OpenRunError} if a journal on the way can't even say whether it was put aside.
 */
export async function findCurrentRun(dataDir: string, runbookId: string): Promise<RunFolder | undefined> {
  const ids = await listRunIds(dataDir, runbookId);
  const replaced = new Set<string>();
  for (const id of ids.toReversed()) {
    const folder = runFolder(dataDir, runbookId, id);
    const isReplaced = replaced.has(id);
    const { isPutAside, after } = await readJournalEnds(folder.journal);
    if (after !== undefined) replaced.add(after);
    // Of most runs that is all there is to know, and there may be many.
    if (isReplaced || isPutAside) continue;
    const { events, damage } = await readJournalFile(folder.journal);
    if (events.length === 0 && damage) {
      throw new OpenRunError(
        `${folder.journal}:1 is damaged (${damage.why}): nothing can be said of this run. Mend it, or move ${folder.path} away to begin a new one.`,
      );
    }
    if (events.length > 0 && !events.some((event) => event.type === 'RunClosed')) return folder;
  }
  return undefined;
}

/** A run as its files say it is, without taking it. */
export async function readRun(
  folder: RunFolder,
): Promise<{ readonly run: Run; readonly reading: JournalReading; readonly texts: ReadonlyMap<string, string> }> {
  const [reading, texts] = await Promise.all([readJournalFile(folder.journal), readDefinitions(folder)]);
  try {
    return { ...replayed(folder, reading, definitionsOf(texts)), texts };
  } catch (error) {
    throw new OpenRunError(
      `${folder.journal} can't be read as a run: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** An event that does not fit those before it is damage at its line: the rest is left out. */
function replayed(
  folder: RunFolder,
  reading: JournalReading,
  definitionOf: (digest: string) => Runbook,
): { readonly run: Run; readonly reading: JournalReading } {
  const [first, ...rest] = reading.events;
  let run = replay(folder.runId, first === undefined ? [] : [first], definitionOf);
  for (const [index, event] of rest.entries()) {
    try {
      run = reduce(run, event, definitionOf);
    } catch (error) {
      const why = `it does not fit what stands before it: ${error instanceof Error ? error.message : String(error)}`;
      const events = reading.events.slice(0, index + 1);
      return { run, reading: { ...reading, events, torn: false, damage: { line: index + 2, why } } };
    }
  }
  return { run, reading };
}

/** Gives definitions by their digest, each read once. */
export function definitionsOf(texts: ReadonlyMap<string, string>): (digest: string) => Runbook {
  const loaded = new Map<string, Runbook>();
  return (digest) => {
    const known = loaded.get(digest);
    if (known) return known;
    const text = texts.get(digest);
    const runbook = text === undefined ? undefined : loadRunbook(text, matchInTime).runbook;
    if (!runbook) throw new RangeError(`the definition ${digest.slice(0, 12)} that it names is not there or broken`);
    loaded.set(digest, runbook);
    return runbook;
  };
}
