import { hasCode } from './durable-file.ts';

/** Why a file or folder can't be read, and what to do, in a sentence or two; undefined: it is not there. */
export function messageOf(error: unknown, path: string): string | undefined {
  if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
  if (hasCode(error, 'EACCES') || hasCode(error, 'EPERM'))
    return `${path} can't be read for want of permission: \`ls -ld ${path}\` shows who may.`;
  return `${path} can't be read: ${error instanceof Error ? error.message : String(error)}.`;
}
