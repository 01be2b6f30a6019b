import { access, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { hasCode } from '../adapters/durable-file.ts';
import { openToOthers } from '../adapters/open-to-others.ts';
import { readDefinitionText } from '../adapters/read-definition-text.ts';
import { loadRunbook } from '../definition/load-runbook.ts';
import { formatProblem, type Problem } from '../definition/problem.ts';
import { loadProjectFile, type ProjectFile } from '../definition/project-file.ts';
import { didYouMean } from '../definition/suggest.ts';
import { harmlessLine } from '../live/harmless-text.ts';
import { matchInTime } from '../live/match-in-time.ts';
import type { DefinitionFile } from '../surroundings.ts';
import { CommandError } from './outcome.ts';

/** The project file that holds here, and where it is. */
export type Project = {
  readonly folder: string;
  readonly file: ProjectFile;
  /** Absent: there is no such file. */
  readonly path?: string;
};

const PROJECT_FILE = 'runbook.yaml';
const NO_PROJECT: ProjectFile = { runbooks: ['runbooks'], vars: {}, preferences: { ascii: false, color: 'auto' } };

/**
 * Looks for `runbook.yaml` upwards from a folder; without one, the folder itself with nothing said.
 *
 * @throws {CommandError} if it is there and broken.
 */
export async function findProject(cwd: string, color: boolean): Promise<Project> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, PROJECT_FILE);
    const text = await readIfThere(path);
    if (text !== undefined) {
      const loaded = loadProjectFile(text);
      if (!loaded.project) throw new CommandError(formatAll(loaded.problems, { file: path, text, color }));
      return { folder, file: loaded.project, path };
    }
    if (dirname(folder) === folder) return { folder: cwd, file: NO_PROJECT };
  }
}

/** Runbooks that can be named here: those of the project first, then those that came with the program. */
export async function listDefinitions(project: Project, shipped: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const places = [...project.file.runbooks.map((place) => resolve(project.folder, place)), shipped];
  for (const place of places) {
    for (const path of await definitionsAt(place)) {
      const name = path.replace(/^.*\//, '').replace(/\.ya?ml$/, '');
      if (!found.has(name)) found.set(name, path);
    }
  }
  return found;
}

async function definitionsAt(place: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(place);
    return entries
      .filter((name) => /\.ya?ml$/.test(name))
      .toSorted()
      .map((name) => join(place, name));
  } catch (error) {
    if (hasCode(error, 'ENOTDIR')) return [place];
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/**
 * The file a name or path stands for.
 *
 * @throws {CommandError} if there is none.
 */
export async function resolveDefinition(input: {
  readonly name: string;
  readonly project: Project;
  readonly shipped: string;
  readonly cwd: string;
}): Promise<string> {
  const { name, project, shipped, cwd } = input;
  if (name.includes('/') || /\.ya?ml$/.test(name)) {
    const path = resolve(cwd, name);
    if (await isThere(path)) return path;
    throw new CommandError(`There is no file ${path}.`);
  }
  const known = await listDefinitions(project, shipped);
  const path = known.get(name);
  if (path !== undefined) return path;
  const meant = didYouMean(name, known.keys());
  throw new CommandError(
    `There is no runbook "${harmlessLine(name)}"${meant === undefined ? '' : `; did you mean "${meant}"?`} Known here: ${[...known.keys()].map(harmlessLine).join(', ') || 'none'}.`,
  );
}

/**
 * Reads and validates a definition.
 *
 * @param besides another file that has a say in what is executed: the project file; absent: none has.
 * @throws {CommandError} with all its errors if it has any.
 */
export async function readDefinition(path: string, color: boolean, besides?: string): Promise<DefinitionFile> {
  const text = await readIfThere(path);
  if (text === undefined) throw new CommandError(`There is no file ${path}.`);
  const loaded = loadRunbook(text, matchInTime);
  if (!loaded.runbook) throw new CommandError(formatAll(loaded.problems, { file: path, text, color }));
  const openings = await Promise.all([path, ...(besides === undefined ? [] : [besides])].map(openToOthers));
  return { path, text, runbook: loaded.runbook, openings: openings.flat() };
}

/** All problems of a file, and how many there are. */
export function formatAll(
  problems: readonly Problem[],
  where: { readonly file: string; readonly text: string; readonly color: boolean },
): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const warnings = problems.length - errors;
  const counts = [count(errors, 'error'), count(warnings, 'warning')].filter((text) => text !== '').join(', ');
  return `${problems.map((problem) => formatProblem(problem, where)).join('\n\n')}\n\n${harmlessLine(where.file)}: ${counts}`;
}

function count(number: number, noun: string): string {
  if (number === 0) return '';
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

async function readIfThere(path: string): Promise<string | undefined> {
  const read = await readDefinitionText(path);
  if (read.kind === 'unreadable') throw new CommandError(`${harmlessLine(path)} can't be read: ${read.why}.`);
  return read.kind === 'text' ? read.text : undefined;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
