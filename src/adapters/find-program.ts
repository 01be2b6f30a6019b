import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * Says what keeps a program from being started in a folder; undefined if nothing does. The system's own error is the
 * same for a folder and a program that are missing, and on a pseudo-terminal there is none at all.
 *
 * @param searchPath the PATH the program is started with.
 */
export function findProgram(program: string, cwd: string, searchPath: string | undefined): string | undefined {
  if (!isFolder(cwd)) return `the folder ${cwd} does not exist`;
  if (program.includes('/')) {
    const path = isAbsolute(program) ? program : join(cwd, program);
    return isExecutable(path) ? undefined : `${path} is not there or not executable`;
  }
  const folders = (searchPath ?? DEFAULT_PATH)
    .split(':')
    .map((folder) => (isAbsolute(folder) ? folder : join(cwd, folder)));
  if (program !== '' && folders.some((folder) => isExecutable(join(folder, program)))) return undefined;
  return `${program === '' ? 'the empty command' : program} is not found in PATH`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
