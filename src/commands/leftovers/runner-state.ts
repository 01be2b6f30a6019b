import { readAttemptFile } from '../../adapters/attempt-files.ts';
import { resultOf } from '../../adapters/examine-attempt.ts';
import { livenessOf } from '../../adapters/process-identity.ts';

/** What is known of the runner of an attempt. `none`: nobody took its start. */
export type RunnerState = 'none' | 'proven dead' | 'may be alive';

/** Looks for the runner of an attempt's folder; what can't be told from here may be alive. */
export async function runnerState(attempt: string): Promise<RunnerState> {
  try {
    const started = await readAttemptFile(attempt, 'started');
    if (started?.kind !== 'started') return 'none';
    const liveness = await livenessOf(started.runner);
    return liveness === 'gone' || liveness === 'other boot' ? 'proven dead' : 'may be alive';
  } catch {
    // Its record can't be read: that says nothing of the runner.
    return 'may be alive';
  }
}

/** Whether a runner may still be at work in an attempt's folder. */
export async function mayBeAtWork(attempt: string): Promise<boolean> {
  return (await runnerState(attempt)) === 'may be alive' && (await resultOf(attempt)) === undefined;
}
