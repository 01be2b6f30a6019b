import { expand } from '../../definition/expand.ts';
import type { Runbook, Step } from '../../definition/runbook.ts';
import type { PlacedScript } from '../../definition/runbook-scripts.ts';

/** What a runbook's needs are judged by: this machine, as far as the definition cares. All paths absolute. */
export type Scope = {
  readonly runbook: Runbook;
  readonly hostsHere: readonly string[];
  /** Variables that have a value, and the built-in ones that are known before a run. */
  readonly values: Readonly<Record<string, string>>;
  readonly definitionDir: string;
  readonly home: string;
};

/** Who needs something: steps on this machine, and hosts that are others. */
export type Users = { readonly here: readonly string[]; readonly hosts: readonly string[] };

export const noUsers: Users = { here: [], hosts: [] };

/** Adds one user. */
export function withUser(users: Users, scope: Scope, ownerId: string, host: string | undefined): Users {
  if (!isHere(scope, host)) return { ...users, hosts: once(users.hosts, host ?? '') };
  return { ...users, here: once(users.here, ownerId) };
}

function once(list: readonly string[], item: string): readonly string[] {
  return list.includes(item) ? list : [...list, item];
}

/** Whether what belongs to a host is done on this machine; what names no host is. */
export function isHere({ hostsHere }: Scope, host: string | undefined): boolean {
  return host === undefined || hostsHere.includes(host);
}

/** Steps of all phases with those of their rollback plans, in order. */
export function allSteps({ runbook }: Scope): readonly Step[] {
  return runbook.phases.flatMap((phase) => [...phase.steps, ...(phase.rollback ?? [])]);
}

/** The folder something is executed in; undefined: it depends on what the run finds out. */
export function folderOf(scope: Scope, { cwd }: Pick<PlacedScript, 'cwd'>): string | undefined {
  const path = expand(cwd ?? '.', scope.values);
  if (typeof path !== 'string') return undefined;
  if (path === '~' || path.startsWith('~/')) return `${scope.home}${path.slice(1)}`;
  if (path.startsWith('/')) return path;
  return path === '.' || path === '' ? scope.definitionDir : `${scope.definitionDir}/${path.replace(/^\.\//, '')}`;
}
