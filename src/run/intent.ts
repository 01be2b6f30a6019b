import type { Matches } from '../definition/pattern.ts';
import type { AttemptReport } from './attempt-report.ts';
import type { Accepted, ConfirmationReason, Probed, RollbackPlan, UnknownChoice } from './event.ts';

/** An answer the operator gave to a question of `decide`. */
export type Answer = {
  readonly reason: ConfirmationReason;
  readonly phaseId: string;
  readonly stepId?: string;
  readonly said: string;
};

/** What the operator, or a pipeline, wants. */
export type Intent =
  /** Runs a step, or runs again what failed; starts a manual step. */
  | {
      readonly type: 'run step';
      readonly stepId: string;
      readonly answers: readonly Answer[];
      readonly accepted: Accepted;
    }
  /** Goes on by itself to the next stop. */
  | {
      readonly type: 'run on';
      readonly phaseId?: string;
      readonly toStepId?: string;
      readonly answers: readonly Answer[];
      readonly accepted: Accepted;
    }
  /** Ends running on after the step that runs now. */
  | { readonly type: 'hold' }
  | { readonly type: 'stop step'; readonly stepId: string }
  | { readonly type: 'skip step'; readonly stepId: string; readonly reason: string }
  | { readonly type: 'finish manual'; readonly stepId: string; readonly note: string; readonly accepted: Accepted }
  /** Asks a proof again that was being asked when the screen was gone. */
  | { readonly type: 'verify again'; readonly attempt: number }
  /** `answers`: to what is asked before a step is run again; absent: none were given yet. */
  | {
      readonly type: 'resolve unknown';
      readonly stepId: string;
      readonly choice: UnknownChoice;
      readonly note: string;
      readonly answers?: readonly Answer[];
    }
  /** Answers a phase's gate. */
  | { readonly type: 'open gate'; readonly phaseId: string; readonly said: string; readonly accepted: Accepted }
  /** Ticks an open item (asking its command where it has one), unticks a ticked one. */
  | { readonly type: 'tick item'; readonly itemId: string; readonly accepted: Accepted }
  | { readonly type: 'add note'; readonly text: string; readonly stepId?: string; readonly phaseId?: string }
  /** Never for a secret: those go to the engine beside the journal. */
  | { readonly type: 'set variable'; readonly name: string; readonly value: string }
  | {
      readonly type: 'start rollback';
      readonly plan: RollbackPlan;
      readonly accepted: Accepted;
      /** Names of dangerous phases that a person typed. */
      readonly typed?: readonly string[];
      /** Wanted where a single unknown step is undone. */
      readonly note?: string;
    }
  /** `note`: wanted where nobody knows how it ended. */
  | {
      readonly type: 'retry undo';
      readonly itemId: string;
      readonly note?: string;
      readonly answers?: readonly Answer[];
    }
  | { readonly type: 'stop undo'; readonly itemId: string }
  | { readonly type: 'finish manual undo'; readonly itemId: string; readonly note: string; readonly accepted: Accepted }
  | {
      readonly type: 'resolve undo';
      readonly itemId: string;
      readonly choice: 'marked done' | 'skipped';
      readonly note: string;
    }
  /** Goes on with a rollback that was interrupted. */
  | { readonly type: 'resume rollback' }
  | { readonly type: 'give up rollback'; readonly note: string }
  | { readonly type: 'close run'; readonly note: string; readonly answers?: readonly Answer[] };

/** A question that must be answered before an intent is carried out. */
export type Question =
  | {
      readonly kind: 'confirm';
      readonly reason: ConfirmationReason;
      readonly phaseId: string;
      readonly stepId?: string;
      /** One sentence that ends in a question. */
      readonly text: string;
      /** What stays, what is open: one line each. */
      readonly details: readonly string[];
      /** Present: this has to be typed to say yes. */
      readonly typed?: string;
    }
  | { readonly kind: 'variable'; readonly name: string; readonly secret: boolean; readonly about: string };

/** What `decide` needs to know beside the run. */
export type Context = {
  /** Whether a value fits its pattern; absent: it is asked without a limit of time. */
  readonly matches?: Matches;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Ids of the runbook's hosts that are this machine. */
  readonly hostsHere: readonly string[];
  /** Absolute: what `~` in a path that is typed means. */
  readonly home: string;
  /** Name of this machine, for sentences. */
  readonly hostName: string;
  /** Names of the secrets whose values are held in memory. */
  readonly secretsHeld: readonly string[];
  /** False: a pipeline without a person; what needs a terminal of its own does not begin. */
  readonly attended: boolean;
};

/** What an effect led to. */
export type Completion =
  | { readonly type: 'unless answered'; readonly stepId: string; readonly asked: number; readonly answer: Probed }
  | { readonly type: 'verify answered'; readonly attempt: number; readonly answer: Probed }
  | { readonly type: 'item answered'; readonly itemId: string; readonly asked: number; readonly answer: Probed }
  | { readonly type: 'attempt'; readonly attempt: number; readonly report: AttemptReport }
  | { readonly type: 'retry due'; readonly stepId: string; readonly dueAt: number };
