import type { RunEvent, RunEventBody } from '../run/event.ts';
import { reduce } from '../run/reduce.ts';
import type { Run } from '../run/state.ts';
import type { EngineParts } from './parts.ts';

/** A run and its journal: what is written is folded into it, and nothing else is. */
export type JournaledRun = {
  readonly run: () => Run;
  readonly events: () => readonly RunEvent[];
  /** Whether an operator gave the value of a variable. */
  readonly isTyped: (variable: string) => boolean;
  /**
   * Writes events down, all or none, and folds them.
   *
   * @throws {JournalWriteError} if they could not be written; {@link RangeError} if they can't be folded. Nothing was written
   *   then, and the run is as before.
   */
  readonly append: (bodies: readonly RunEventBody[]) => Promise<void>;
};

/** What only a written event has. */
const NOT_WRITTEN = { seq: 0, at: 0, by: '', prev: '' };

/**
 * Throws what folding these events would throw: a line that can't be folded would damage the journal for ever. Those of
 * attempts are only counted, since folding them copies all attempts: the next event of a long run would cost twice as much.
 */
function checkFold(run: Run, bodies: readonly RunEventBody[], definitionOf: EngineParts['definitionOf']): void {
  let after = run;
  let attempts = run.attempts.length;
  for (const body of bodies) {
    if (!('attempt' in body)) {
      after = reduce(after, { ...body, ...NOT_WRITTEN }, definitionOf);
      continue;
    }
    if (body.type === 'AttemptStarted') attempts += 1;
    if (body.type === 'AttemptStarted' ? body.attempt !== attempts : body.attempt > attempts)
      throw new RangeError(`The run has no attempt ${body.attempt}.`);
  }
}

export function journaledRun(parts: Pick<EngineParts, 'run' | 'events' | 'journal' | 'definitionOf'>): JournaledRun {
  let run = parts.run;
  // Grows in place: a copy at each event would cost more the longer a run is.
  const history: RunEvent[] = [];
  const typed = new Set<string>();
  const remember = (events: readonly RunEvent[]) => {
    for (const event of events) {
      history.push(event);
      if (event.type === 'VariableSet') typed.add(event.name);
    }
  };
  remember(parts.events);
  return {
    run: () => run,
    events: () => history,
    isTyped: (variable) => typed.has(variable),
    append: async (bodies) => {
      checkFold(run, bodies, parts.definitionOf);
      const events = await parts.journal.append(bodies);
      remember(events);
      run = events.reduce((before, event) => reduce(before, event, parts.definitionOf), run);
    },
  };
}
