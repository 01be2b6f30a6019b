import { harmlessLine } from '../live/harmless-text.ts';
import { isManual, runningAttempts } from '../run/select.ts';
import type { Attempt, Run } from '../run/state.ts';
import { progressOf, runStatus } from '../run/status.ts';

/** What stands on the terminal after the screen was left: how far it came, and what goes on. */
export function farewell(run: Run, name: string | undefined): readonly string[] {
  const { done, total } = progressOf(run);
  const again = `runbook${name === undefined ? '' : ` ${name}`}`;
  return [
    harmlessLine(`${run.runbook.title}: ${runStatus(run)}, ${done}/${total}. ${again} opens it again.`),
    ...stillRunning(run),
  ];
}

/** A line for each command that goes on without this process, or may. */
export function stillRunning(run: Run): readonly string[] {
  return runningAttempts(run)
    .filter((attempt) => !isManual(run, attempt))
    .map((attempt) => harmlessLine(`  ${whatOf(attempt)}`));
}

function whatOf({ life, title }: Attempt): string {
  // Nobody has seen its command yet, and this process does not wait for it.
  if (life.status === 'starting') return `was about to begin: ${title}; opening the run again shows whether it did`;
  return `goes on running: ${title}`;
}
