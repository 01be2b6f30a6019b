import type { RunStatus } from '../run/status.ts';

/** What the process ends with; scripts and pipelines rely on them. */
export const exitStatus = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  rolledBack: 3,
  partlyRolledBack: 4,
  waiting: 5,
  interrupted: 130,
} as const;

/** How a run without a screen ended, for the exit status and the last line. */
export type Outcome = {
  readonly status: number;
  readonly why: string;
  /** What stands below it, one line each; absent: nothing. */
  readonly details?: readonly string[];
};

/** The exit status that says what a run's status says. */
export function exitStatusOf(status: RunStatus): number {
  switch (status) {
    case 'succeeded':
    case 'closed':
      return exitStatus.succeeded;
    case 'rolled back':
      return exitStatus.rolledBack;
    case 'partly rolled back':
      return exitStatus.partlyRolledBack;
    case 'failed':
      return exitStatus.failed;
    case 'not started':
    case 'running':
    case 'waiting':
    case 'unknown':
    case 'rolling back':
      return exitStatus.waiting;
    default:
      return status satisfies never;
  }
}

/** A command ends early, with a message for the operator and an exit status. */
export class CommandError extends Error {
  readonly status: number;

  constructor(message: string, status: number = exitStatus.usage) {
    super(message);
    this.name = 'CommandError';
    this.status = status;
  }
}
