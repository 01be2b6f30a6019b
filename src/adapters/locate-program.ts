import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * The path of the file that is executed as a program; undefined: there is none.
 *
 * @param program a name that is looked for in PATH, or a path; a relative one stands on `cwd`.
 * @param searchPath the PATH the program is started with.
 */
export function locateProgram(program: string, cwd: string, searchPath: string | undefined): string | undefined {
  if (program === '') return undefined;
  const folders = program.includes('/') ? [''] : (searchPath ?? DEFAULT_PATH).split(':');
  return folders
    .map((folder) => join(folder, program))
    .map((path) => (isAbsolute(path) ? path : join(cwd, path)))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
