import type { Effect } from './effect.ts';
import type { RunEvent, RunEventBody } from './event.ts';
import type { Question } from './intent.ts';
import { expandFor } from './plan.ts';
import { reduce } from './reduce.ts';
import type { Run } from './state.ts';

/** What `decide` says: what happens and what is to be done, or why not, or what has to be answered first. */
export type Decision =
  | { readonly kind: 'go'; readonly events: readonly RunEventBody[]; readonly effects: readonly Effect[] }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'ask'; readonly questions: readonly Question[] };

export const NOTHING: Decision = { kind: 'go', events: [], effects: [] };

export function refused(why: string): Decision {
  return { kind: 'refused', why };
}

/** A decision in the making: the run as the events so far leave it. */
export type Draft = {
  readonly run: Run;
  readonly events: readonly RunEventBody[];
  readonly effects: readonly Effect[];
  readonly now: number;
};

export function draft(run: Run, now: number): Draft {
  return { run, events: [], effects: [], now };
}

/** The draft with one event more. The definition never changes inside a decision. */
export function say(before: Draft, said: RunEventBody): Draft {
  // Sentences name steps by their titles, and those may hold variables.
  const body = 'why' in said ? { ...said, why: expandFor(before.run, said.why) } : said;
  const at = Math.max(before.now, before.run.lastAt);
  const event: RunEvent = { ...body, seq: before.run.lastSeq + 1, at, by: '', prev: '' };
  return { ...before, run: reduce(before.run, event, () => before.run.runbook), events: [...before.events, body] };
}

export function perform(before: Draft, effect: Effect): Draft {
  return { ...before, effects: [...before.effects, effect] };
}

export function done(draft: Draft): Decision {
  return { kind: 'go', events: draft.events, effects: draft.effects };
}
