/** Parts of the report, in its order. */
export const findingGroups = [
  'hosts',
  'commands',
  'docker',
  'folders',
  'variables',
  'machine',
  'terminal',
  'crash',
] as const;

/**
 * - `unusable`: it is there and doesn't do, such as an engine that doesn't answer or a folder that can't be written to.
 * - `left`: a crash left it behind.
 * - `open`: others can change what is executed from it.
 * - `not checked`: nothing can be said from here, and `found` says why.
 */
export type FindingState = 'found' | 'missing' | 'too old' | 'unusable' | 'left' | 'open' | 'not checked';

/** What was asked about one thing, and what came out. */
export type Finding = {
  readonly group: (typeof findingGroups)[number];
  readonly what: string;
  readonly state: FindingState;
  /** True: without it a run on this machine can't be done. False: worth knowing. */
  readonly isNeeded: boolean;
  /** What was found, or what stands in the way. */
  readonly found?: string;
  readonly version?: string;
  readonly path?: string;
  /** Ids of steps and checklist items on this machine. */
  readonly neededBy: readonly string[];
  /** One sentence: what to do. */
  readonly mend?: string;
};

/** Whether this keeps the runbook from being run here. */
export function isFailure({ state, isNeeded }: Finding): boolean {
  return isNeeded && isBad(state);
}

/** Whether something should be looked at, although a run may well succeed. */
export function isWarning({ state, isNeeded }: Finding): boolean {
  return !isNeeded && isBad(state);
}

function isBad(state: FindingState): boolean {
  return state === 'missing' || state === 'too old' || state === 'unusable' || state === 'left' || state === 'open';
}
