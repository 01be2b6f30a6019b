import type { RunEvent } from '../run/event.ts';
import type { Context } from '../run/intent.ts';
import type { Place } from '../run/plan.ts';
import type { DefinitionOf } from '../run/reduce.ts';
import type { Run } from '../run/state.ts';
import type { Clock, EditPreviews, Journal, OutputTails, Probes, Runners } from './ports.ts';

/** What an engine stands on. */
export type EngineParts = {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  readonly definitionOf: DefinitionOf;
  readonly journal: Journal;
  readonly runners: Runners;
  readonly probes: Probes;
  readonly edits: EditPreviews;
  readonly tails: OutputTails;
  readonly clock: Clock;
  readonly place: Place;
  readonly context: Omit<Context, 'home' | 'now' | 'secretsHeld'>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly limits: EngineLimits;
  /** Path of an attempt's control socket. */
  readonly socketPath: (attempt: number) => string;
};

export type EngineLimits = {
  readonly graceMs: number;
  readonly outputCapBytes: number;
  /** Deadline of an `unless`, a `verify`, a `requires` and an item's command. */
  readonly probeTimeoutMs: number;
};
