import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ContainersWanted } from '../run/monitor-plan.ts';
import { definedVariables } from './defined-variables.ts';
import { runGrouped } from './grouped-command.ts';
import { textAt } from './json-at.ts';
import type { ListedContainer } from './listed-container.ts';

/** Which containers are meant, with the project's name where compose tells it. */
export type KnownWanted =
  | Exclude<ContainersWanted, { readonly kind: 'compose' }>
  | (Extract<ContainersWanted, { readonly kind: 'compose' }> & {
      /** Absent: compose does not tell; its containers are known by the file they were made from. */
      readonly project?: string | undefined;
    });

const ANSWER_MS = 15_000;

/**
 * Asks compose for the name of the project of a compose file. Never rejects; undefined: compose is not there, or does not
 * accept the file.
 */
export async function askProject(
  file: string,
  {
    environment,
    signal,
  }: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly signal?: AbortSignal;
  },
): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  try {
    const end = await runGrouped({
      argv: ['docker', 'compose', '-f', file, 'config', '--format', 'json'],
      cwd: dirname(file),
      env: definedVariables(environment),
      secrets: [],
      timeoutMs: ANSWER_MS,
      takeOutput: (bytes) => parts.push(bytes),
      ...(signal && { signal }),
    });
    if (end.kind !== 'exited' || end.status !== 0) return undefined;
    return textAt(JSON.parse(Buffer.concat(parts).toString()), 'name') || undefined;
  } catch {
    return undefined; // What it printed is no JSON, or this machine can't ask now.
  }
}

/** Whether a container is meant; a project that is made from a copy of its file stays that project. */
export function matchesWanted(wanted: KnownWanted, container: ListedContainer): boolean {
  switch (wanted.kind) {
    case 'all':
      return true;
    case 'named':
      return wanted.names.includes(container.name);
    case 'compose': {
      const { compose } = container;
      if (compose === undefined) return false;
      if (wanted.services.length > 0 && !wanted.services.includes(compose.service)) return false;
      if (wanted.project !== undefined && compose.project === wanted.project) return true;
      const file = realPath(wanted.file);
      return compose.files.some((made) => made === wanted.file || realPath(made) === file);
    }
    default:
      return wanted satisfies never;
  }
}

/** The path itself where nothing is there: the container may have been made on another machine. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
