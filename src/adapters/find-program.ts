import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { locateProgram } from './locate-program.ts';

/**
 * Says what keeps a program from being started in a folder; undefined if nothing does. The system's own error is the
 * same for a folder and a program that are missing, and on a pseudo-terminal there is none at all.
 *
 * @param searchPath the PATH the program is started with.
 */
export function findProgram(program: string, cwd: string, searchPath: string | undefined): string | undefined {
  const problem = folderProblem(cwd);
  if (problem !== undefined) return problem;
  if (locateProgram(program, cwd, searchPath) !== undefined) return undefined;
  if (!program.includes('/')) return `${program === '' ? 'the empty command' : program} is not found in PATH`;
  return `${isAbsolute(program) ? program : join(cwd, program)} is not there or not executable`;
}

function folderProblem(path: string): string | undefined {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return `the folder ${path} does not exist`;
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? error.code : error;
    return `the folder ${path} can't be entered: ${String(why)}`;
  }
}
