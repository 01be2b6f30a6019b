import { lstat, readdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { readAttemptFile } from '../../adapters/attempt-files.ts';
import { isPidFree } from '../../adapters/process-identity.ts';
import type { Leftover } from './leftover.ts';
import { runnerState } from './runner-state.ts';

const SOCKET = /^[0-9a-f]{16}-\d+\.sock$/;
const BEING_MADE = /^([0-9a-f]{16}-\d+\.sock)\.(\d+)$/;
const ANSWER_MS = 1_000;

/** One name in the folder of sockets, with the attempt it is of; absent: of no run that is known here. */
type Found = { readonly name: string; readonly attempt?: string };

/**
 * Control sockets that are nobody's, in one finding. Removed are those of the attempts that are given, where the runner
 * is proven dead and nobody listens: all of a user's data folders share the folder, so others are told only.
 *
 * @param attempts absolute paths of the folders of attempts of runs that nobody has open.
 * @param elsewhere those of all other runs of this data folder: their sockets are let be.
 * @param mayRemove asked again for an attempt before its socket is removed.
 */
export async function socketLeftovers(input: {
  readonly folder: string;
  readonly attempts: readonly string[];
  readonly elsewhere: readonly string[];
  readonly mayRemove: (attempt: string) => Promise<boolean>;
}): Promise<readonly Leftover[]> {
  const { folder, mayRemove } = input;
  const names = await readdir(folder).catch((): string[] => []);
  if (names.length === 0) return [];
  const own = await namesOf(folder, input.attempts);
  const open = await namesOf(folder, input.elsewhere);
  const found = names.flatMap((name): readonly Found[] => {
    const socket = BEING_MADE.exec(name)?.[1] ?? name;
    if (!SOCKET.test(socket) || open.has(socket)) return [];
    const attempt = own.get(socket);
    return [{ name, ...(attempt === undefined ? {} : { attempt }) }];
  });
  const judged = await Promise.all(found.map(async (one) => ((await isNobodys(folder, one)) ? [one] : [])));
  const [ours, others] = [judged.flat().filter(isOwn), judged.flat().filter((one) => !isOwn(one))];
  return [...removable(folder, ours, mayRemove), ...foreign(folder, others)];
}

function isOwn(found: Found): found is Required<Found> {
  return found.attempt !== undefined;
}

/** Attempts by the name of their socket, as their specification has it: a folder that was moved keeps its name there. */
async function namesOf(folder: string, attempts: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const named = await Promise.all(
    attempts.map(async (attempt) => {
      const spec = await readAttemptFile(attempt, 'spec').catch(() => undefined);
      const path = typeof spec?.socketPath === 'string' ? spec.socketPath : '';
      return dirname(path) === folder ? [[basename(path), attempt] as const] : [];
    }),
  );
  return new Map(named.flat());
}

function removable(
  folder: string,
  sockets: readonly Required<Found>[],
  mayRemove: (attempt: string) => Promise<boolean>,
): readonly Leftover[] {
  if (sockets.length === 0) return [];
  return [
    {
      what: countText(sockets.length, 'control socket'),
      path: folder,
      found: 'nobody listens, and the runner is gone',
      remove: async () => {
        let removed = 0;
        for (const one of sockets) {
          if (!(await mayRemove(one.attempt)) || !(await isNobodys(folder, one))) continue;
          await unlink(join(folder, one.name));
          removed += 1;
        }
        return removed > 0;
      },
    },
  ];
}

function foreign(folder: string, sockets: readonly Found[]): readonly Leftover[] {
  if (sockets.length === 0) return [];
  return [
    {
      what: countText(sockets.length, 'control socket of other runs', 'control sockets of other runs'),
      path: folder,
      found: 'nobody listens, and their runs are not in this data folder',
      mend: 'Clean with the RUNBOOK_HOME they are of; where that is gone, they take no room.',
    },
  ];
}

function countText(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : `${count} ${many}`;
}

async function isNobodys(folder: string, { name, attempt }: Found): Promise<boolean> {
  const maker = BEING_MADE.exec(name)?.[2];
  // One that is still being made has its maker's pid in its name, and may be that of another machine's process too.
  if (maker !== undefined && !(await isPidFree(Number(maker)))) return false;
  if (attempt !== undefined) {
    const runner = await runnerState(attempt);
    if (runner === 'may be alive' || (runner === 'none' && maker === undefined)) return false;
  }
  const path = join(folder, name);
  const isSocket = await lstat(path).then(
    (stats) => stats.isSocket(),
    () => false,
  );
  return isSocket && (await isRefused(path));
}

/** Only a refusal counts: one that does not answer may be busy, or halted. */
function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (refused: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(refused);
    };
    const timer = setTimeout(() => end(false), ANSWER_MS);
    socket.once('connect', () => end(false));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED'));
  });
}
