import { createHash, randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, makePrivateFolder, writeDurable } from './durable-file.ts';
import { readRegularFile } from './read-regular-file.ts';

/** Where the files of one run are. All paths absolute. */
export type RunFolder = {
  readonly runId: string;
  readonly path: string;
  readonly journal: string;
  readonly lock: string;
};

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function runFolder(dataDir: string, runbookId: string, runId: string): RunFolder {
  const path = join(dataDir, 'runs', runbookId, runId);
  return { runId, path, journal: join(path, 'journal.ndjson'), lock: join(path, 'lock') };
}

/** The lock of who is beginning a run of a runbook; not among the runs, where folders are looked for. */
export function beginLock(dataDir: string, runbookId: string): string {
  return join(beginFolder(dataDir), runbookId, 'lock');
}

function beginFolder(dataDir: string): string {
  return join(dataDir, 'begin');
}

/** Ids of the runbooks of which a run was ever begun. */
export async function listBegunIds(dataDir: string): Promise<readonly string[]> {
  return (await entries(beginFolder(dataDir))).toSorted();
}

/** The same run under a name that nobody opens it by, beside it: its id sorts with the run's, and is this process's own. */
export function runFolderAside({ path, runId }: RunFolder): RunFolder {
  const aside = `${path}.${process.pid}.old`;
  return {
    runId: `${runId}.${process.pid}.old`,
    path: aside,
    journal: join(aside, 'journal.ndjson'),
    lock: join(aside, 'lock'),
  };
}

/**
 * A name for a new run that sorts by time: `2026-03-01T02-14-05Z-9f3a`.
 *
 * @param others names of the runs that are there: it sorts behind them, also where it is the same second, or the clock was
 *   set back.
 */
export function newRunId(now: number, others: readonly string[] = []): string {
  const at = others.reduce((latest, other) => Math.max(latest, secondIn(other) + 1_000), now);
  const time = new Date(at).toISOString().replace(/\.\d+/, '').replaceAll(':', '-');
  return `${time}-${randomBytes(2).toString('hex')}`;
}

/** The second that a name begins with; before all others where it is no name of ours. */
function secondIn(name: string): number {
  const [, day, hour, minute, second] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z/.exec(name) ?? [];
  const at = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? Number.NEGATIVE_INFINITY : at;
}

/** Makes the folder of a new run with the definition as it stands. */
export async function createRunFolder(
  dataDir: string,
  runbookId: string,
  runId: string,
  definition: string,
): Promise<RunFolder> {
  const folder = runFolder(dataDir, runbookId, runId);
  await makePrivateFolder(join(folder.path, 'attempts'));
  await writeDurable(join(folder.path, 'runbook.yaml'), definition);
  return folder;
}

/** Removes the folder of a run that has not begun, as far as it can be. */
export async function removeRunFolder({ path }: RunFolder): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

/** Runs of a runbook, oldest first. */
export async function listRunIds(dataDir: string, runbookId: string): Promise<readonly string[]> {
  return (await entries(join(dataDir, 'runs', runbookId))).toSorted();
}

/** Ids of the runbooks that have runs. */
export async function listRunbookIds(dataDir: string): Promise<readonly string[]> {
  return (await entries(join(dataDir, 'runs'))).toSorted();
}

/** Keeps an adopted definition beside the one the run began with; returns its file's name. */
export async function storeDefinition(folder: RunFolder, text: string): Promise<string> {
  const name = `runbook-${digestOf(text).slice(0, 12)}.yaml`;
  await writeDurable(join(folder.path, name), text);
  return name;
}

/** The definitions a run has known, by digest. */
export async function readDefinitions(folder: RunFolder): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder.path)).filter((name) => /^runbook(-[0-9a-f]{12})?\.yaml$/.test(name));
  const texts = await Promise.all(
    names.map(async (name) => (await readRegularFile(join(folder.path, name))).toString()),
  );
  return new Map(texts.map((text) => [digestOf(text), text]));
}

async function entries(path: string): Promise<readonly string[]> {
  try {
    const found = await readdir(path, { withFileTypes: true });
    return found.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
