import { readdir } from 'node:fs/promises';
import { join, parse, sep } from 'node:path';
import { matchesGlob } from '../live/matches-glob.ts';
import { messageOf } from './file-fault.ts';

/** What a glob matches now. */
export type GlobAnswer = {
  /** Absolute paths, sorted; where the glob has no wildcard its path, whether it is there or not. */
  readonly paths: readonly string[];
  /** Folders that could not be looked into, each as a sentence. */
  readonly faults: readonly string[];
};

/** Looks for the files of an absolute path in which `*` and `?` match within a name, but no dot at its beginning. */
export async function globFiles(glob: string): Promise<GlobAnswer> {
  const { root } = parse(glob);
  const faults: string[] = [];
  let found: readonly string[] = [root];
  for (const name of glob.slice(root.length).split(sep)) {
    if (name === '') continue;
    if (!/[*?]/.test(name)) {
      found = found.map((folder) => join(folder, name));
      continue;
    }
    const listed = found.map(async (folder) => {
      const names = await namesIn(folder, faults);
      return names.filter((one) => isMeant(name, one)).map((one) => join(folder, one));
    });
    found = (await Promise.all(listed)).flat();
  }
  return { paths: found.toSorted(), faults };
}

/** What begins with a dot is hidden, unless the glob says it. */
function isMeant(glob: string, name: string): boolean {
  return (glob.startsWith('.') || !name.startsWith('.')) && matchesGlob(glob, name);
}

async function namesIn(folder: string, faults: string[]): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const fault = messageOf(error, folder);
    if (fault !== undefined) faults.push(fault);
    return [];
  }
}
