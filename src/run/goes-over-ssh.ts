import { shellPrograms } from '../definition/shell-programs.ts';

/** Programs that end with 255 when ssh does: for a line that was lost, or never stood. */
const OVER_SSH = new Set(['ssh', 'scp', 'sftp', 'rsync', 'autossh']);

/** Whether a script does some of its work on another machine, over ssh; what lies in another file is not seen. */
export function goesOverSsh(script: string): boolean {
  return shellPrograms(script).uses.some(({ name }) => OVER_SSH.has(name.slice(name.lastIndexOf('/') + 1)));
}
