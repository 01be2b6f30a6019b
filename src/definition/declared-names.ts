import { idFromTitle } from './identifier.ts';

/** Every name a file declares, also in parts that are otherwise wrong, so that one error causes no other. */
export type DeclaredNames = {
  readonly vars: ReadonlySet<string>;
  readonly captures: ReadonlySet<string>;
  readonly hosts: ReadonlySet<string>;
  readonly phases: ReadonlySet<string>;
  /** Ids of the phases' steps; those of rollback plans are not among them. */
  readonly steps: ReadonlySet<string>;
};

/** Variables that every command of a run has without a declaration. */
export const builtInNames = ['RUNBOOK_DIR', 'RUNBOOK_RUN_DIR', 'RUNBOOK_NODE'] as const;

/** Reads the declared names off a parsed file of any shape. */
export function declaredNames(file: unknown): DeclaredNames {
  const phases = listOf(field(file, 'phases'));
  const steps = phases.flatMap((phase) => listOf(field(phase, 'steps')));
  return {
    vars: new Set(keysOf(field(file, 'vars'))),
    captures: new Set(steps.map((step) => field(step, 'capture')).filter((name) => typeof name === 'string')),
    hosts: new Set(keysOf(field(file, 'hosts'))),
    phases: new Set(phases.flatMap(idOf)),
    steps: new Set(steps.flatMap(idOf)),
  };
}

function field(value: unknown, key: string): unknown {
  return value !== null && typeof value === 'object' && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function keysOf(value: unknown): string[] {
  return value !== null && typeof value === 'object' ? Object.keys(value) : [];
}

function idOf(value: unknown): string[] {
  const id = field(value, 'id');
  const title = field(value, 'title');
  if (typeof id === 'string') return [id];
  return typeof title === 'string' ? [idFromTitle(title)] : [];
}
