import { isDone, phaseOfStep, stateOf } from './select.ts';
import type { Run, StepState } from './state.ts';

/** @throws {RangeError} if the run has no such step. */
export function withStep(run: Run, stepId: string, state: StepState): Run {
  if (!(stepId in run.steps)) throw new RangeError(`The run has no step "${stepId}".`);
  return { ...run, steps: { ...run.steps, [stepId]: state } };
}

/**
 * The run as it is when a step goes on from where it stands: a gate that was opened before the step was done, for one of
 * a later phase, was not asked about this.
 */
export function gateClosed(run: Run, stepId: string): Run {
  if (isDone(stateOf(run, stepId))) return run;
  const { id } = phaseOfStep(run, stepId);
  const confirmations = run.confirmations.filter((given) => given.reason !== 'gate' || given.phaseId !== id);
  return confirmations.length === run.confirmations.length ? run : { ...run, confirmations };
}

/** The same without one of its optional properties. */
export function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> & T {
  const { [key]: _, ...rest } = value;
  return rest as Omit<T, K> & T;
}
