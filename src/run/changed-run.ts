import type { Run, StepState } from './state.ts';

/** @throws {RangeError} if the run has no such step. */
export function withStep(run: Run, stepId: string, state: StepState): Run {
  if (!(stepId in run.steps)) throw new RangeError(`The run has no step "${stepId}".`);
  return { ...run, steps: { ...run.steps, [stepId]: state } };
}

/** The same without one of its optional properties. */
export function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> & T {
  const { [key]: _, ...rest } = value;
  return rest as Omit<T, K> & T;
}
