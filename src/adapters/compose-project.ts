import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ContainersWanted } from '../run/monitor-plan.ts';
import { runGrouped } from './grouped-command.ts';
import { textAt } from './json-at.ts';
import type { ListedContainer } from './listed-container.ts';

/** Which containers are meant, with the project's name where compose tells it. */
export type KnownWanted =
  | Exclude<ContainersWanted, { readonly kind: 'compose' }>
  | (Extract<ContainersWanted, { readonly kind: 'compose' }> & {
      /** Absent: compose does not tell; its containers are known by the file they were made from. */
      readonly project?: string;
    });

const ANSWER_MS = 15_000;

/**
 * Asks compose for the name of the project of a compose file. Never rejects: where compose is not there, or does not
 * accept the file, the name is absent.
 */
export async function knowWanted(
  wanted: ContainersWanted,
  {
    environment,
    signal,
  }: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly signal?: AbortSignal;
  },
): Promise<KnownWanted> {
  if (wanted.kind !== 'compose') return wanted;
  const parts: Uint8Array[] = [];
  const end = await runGrouped({
    argv: ['docker', 'compose', '-f', wanted.file, 'config', '--format', 'json'],
    cwd: dirname(wanted.file),
    env: Object.fromEntries(
      Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    secrets: [],
    timeoutMs: ANSWER_MS,
    takeOutput: (bytes) => parts.push(bytes),
    ...(signal && { signal }),
  });
  const project = end.kind === 'exited' && end.status === 0 ? nameIn(Buffer.concat(parts).toString()) : '';
  return project === '' ? wanted : { ...wanted, project };
}

/** Whether a container is meant. */
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
      if (wanted.project !== undefined) return compose.project === wanted.project;
      const file = realPath(wanted.file);
      return compose.files.some((made) => made === wanted.file || realPath(made) === file);
    }
    default:
      return wanted satisfies never;
  }
}

function nameIn(config: string): string {
  try {
    return textAt(JSON.parse(config), 'name');
  } catch {
    return '';
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
