import type { Runbook } from '../definition/runbook.ts';
import type { AttemptResult, Unmet } from '../runner/spec.ts';
import type { Accepted, ConfirmationReason, EventOf, Probed, Purpose, RollbackPlan } from './event.ts';

/** Why an attempt did not succeed, the most specific first. */
export type Reason =
  | { readonly kind: 'timed out'; readonly afterMs: number }
  | { readonly kind: 'stopped'; readonly signal: string }
  | { readonly kind: 'could not start'; readonly message: string }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'unmet'; readonly unmet: Unmet }
  | { readonly kind: 'not met'; readonly found: string }
  /** `lineLost`: it has no answer, which a person's work does not pass with either. */
  | { readonly kind: 'verify'; readonly found: string; readonly lineLost?: true }
  /** A service that was ready ended by itself. */
  | { readonly kind: 'ended early'; readonly found: string }
  | { readonly kind: 'marked failed'; readonly note: string }
  /** An undo did not begin: what it undoes could not be proven stopped; or nobody knows how it ended. */
  | { readonly kind: 'blocked'; readonly found: string };

export type AttemptLife =
  | { readonly status: 'starting' }
  | { readonly status: 'running'; readonly since: number; readonly readyAt?: number }
  | {
      readonly status: 'stopping';
      readonly since: number;
      readonly readyAt?: number;
      readonly requestedAt: number;
      readonly why: string;
      readonly signal?: 'SIGINT' | 'SIGTERM' | 'SIGKILL';
    }
  /** `groupGone` true: what the result could not prove gone was proven gone later. */
  | {
      readonly status: 'ended';
      readonly result: AttemptResult;
      readonly at: number;
      readonly verified?: Probed;
      readonly groupGone?: boolean;
    }
  /** A person did it. */
  | { readonly status: 'done by hand'; readonly at: number; readonly note: string; readonly verified?: Probed }
  /** Nothing was executed, unless it {@link Attempt.isBegun}: what a person had begun may be half done. */
  | { readonly status: 'withdrawn'; readonly why: string; readonly at: number }
  /** `groupGone` true: its processes are proven gone; absent or false: they may still be there. */
  | { readonly status: 'lost'; readonly why: string; readonly at: number; readonly groupGone?: boolean };

/** One execution of a step or of an undo. */
export type Attempt = {
  /** From 1, over the whole run. */
  readonly number: number;
  readonly purpose: Purpose;
  readonly title: string;
  readonly startedAt: number;
  readonly by: string;
  /** Every value as it was when it began. */
  readonly values: Run['values'];
  /** What its step was when it was announced, and is again where it never began; absent: pending, or it is an undo. */
  readonly before?: StepState;
  readonly life: AttemptLife;
  /** Its command was spawned, or a person began it; it stays so, whatever becomes of it. Absent: not that anybody knows. */
  readonly isBegun?: true;
  /** Why it was first asked to stop; absent: never asked. */
  readonly stopWhy?: string;
  /** The how-manieth retry in a row; absent: begun by a key or by running on. */
  readonly retry?: number;
};

export type StepState =
  /** `noAnswer`: why its `unless` could not say whether it is needed; absent: nobody asked, or it said so. */
  | { readonly status: 'pending'; readonly noAnswer?: string }
  | { readonly status: 'satisfied'; readonly at: number; readonly found: string }
  | { readonly status: 'skipped'; readonly at: number; readonly by: string; readonly reason: string }
  /** Its `unless` is being asked, since the event of that `seq`. */
  | { readonly status: 'asking'; readonly at: number; readonly asked: number }
  | { readonly status: 'starting'; readonly attempt: number }
  | { readonly status: 'running'; readonly attempt: number }
  | { readonly status: 'verifying'; readonly attempt: number }
  | {
      readonly status: 'succeeded';
      readonly attempt: number;
      readonly at: number;
      /** `adopted`: the operator said of an unknown step that it is done. */
      readonly how: 'verified' | 'adopted';
      readonly note?: string;
    }
  | {
      readonly status: 'failed';
      readonly attempt: number;
      readonly at: number;
      readonly reasons: readonly Reason[];
      readonly retry?: { readonly dueAt: number; readonly number: number };
    }
  | {
      readonly status: 'timed out';
      readonly attempt: number;
      readonly at: number;
      readonly reasons: readonly Reason[];
      readonly retry?: { readonly dueAt: number; readonly number: number };
    }
  | { readonly status: 'stopped'; readonly attempt: number; readonly at: number; readonly reasons: readonly Reason[] }
  | { readonly status: 'unknown'; readonly attempt: number; readonly at: number; readonly why: string }
  | { readonly status: 'undone'; readonly at: number; readonly rollback: number }
  | { readonly status: 'undo failed'; readonly at: number; readonly rollback: number; readonly attempt?: number };

export type StepStatus = StepState['status'];

/** A checklist item of the run. */
export type ItemState =
  | { readonly status: 'open'; readonly notMet?: string }
  | { readonly status: 'asking'; readonly asked: number }
  | {
      readonly status: 'ticked';
      readonly at: number;
      readonly by: string;
      readonly how: 'person' | 'command' | '--yes';
    };

export type UndoState =
  | { readonly status: 'waiting' }
  | { readonly status: 'running'; readonly attempt: number }
  | { readonly status: 'verifying'; readonly attempt: number }
  | { readonly status: 'done'; readonly attempt: number; readonly at: number }
  | { readonly status: 'failed'; readonly attempt?: number; readonly at: number; readonly reasons: readonly Reason[] }
  | { readonly status: 'unknown'; readonly attempt: number; readonly at: number; readonly why: string }
  | { readonly status: 'not needed'; readonly at: number; readonly why: string }
  | { readonly status: 'marked done'; readonly at: number; readonly by: string; readonly note: string }
  | { readonly status: 'skipped'; readonly at: number; readonly by: string; readonly note: string };

export type Rollback = {
  /** From 1. */
  readonly number: number;
  readonly plan: RollbackPlan;
  readonly startedAt: number;
  readonly by: string;
  readonly accepted: Accepted;
  /** How many attempts the run had when it began: those it can take back. */
  readonly attemptsBefore: number;
  /** By item id; every item of the plan is there. */
  readonly items: Readonly<Record<string, UndoState>>;
  /** What first kept it from going on: a failure, or an end that nobody knows. Kept although a later attempt mends it. */
  readonly firstFailure?: { readonly itemId: string; readonly attempt?: number; readonly reasons: readonly Reason[] };
  readonly ending?: (
    | { readonly kind: 'rolled back' | 'partly rolled back' }
    | { readonly kind: 'given up'; readonly by: string; readonly note: string }
  ) & {
    readonly at: number;
    /** How many attempts the run had by then: what is newer came after it, whatever a clock says. */
    readonly attempts: number;
    /** Ids of the steps of phases of which it took back all that it could: those phases as they were then. */
    readonly takenBack: readonly string[];
    /** Those of them whose processes could not be proven gone by then. */
    readonly leftRunning: readonly string[];
    /** Ids of the steps that were done by then: that they are does not say that the run went on. */
    readonly done: readonly string[];
    /** Ids of those that were being verified: that this held does not say so either, unlike what a person makes of it. */
    readonly verifying: readonly string[];
  };
  /** True after the screen was gone in the middle of it: it goes on when the operator says so. */
  readonly paused: boolean;
};

export type Confirmation = {
  readonly reason: ConfirmationReason;
  readonly phaseId: string;
  readonly stepId?: string;
  readonly accepted: Accepted;
  readonly said: string;
  readonly at: number;
  readonly by: string;
};

export type Note = {
  readonly at: number;
  readonly by: string;
  readonly text: string;
  readonly stepId?: string;
  readonly phaseId?: string;
};

/** One execution of a runbook: what its journal says of it. */
export type Run = {
  readonly id: string;
  /** As it stood when the run began, or as it was adopted since. */
  readonly runbook: Runbook;
  readonly definition: string;
  readonly definitionPath: string;
  /** Digest of a changed definition that the operator chose not to adopt; absent: none. */
  readonly keptOver?: string;
  readonly startedAt: number;
  readonly startedBy: string;
  /** Values of variables, without secrets; captures are added as they come. */
  readonly values: Readonly<Record<string, string>>;
  /** By step id; every step of the phases is there. */
  readonly steps: Readonly<Record<string, StepState>>;
  readonly items: Readonly<Record<string, ItemState>>;
  /** By number; index 0 is attempt 1. */
  readonly attempts: readonly Attempt[];
  /** Numbers of the attempts of which something may still go on; a long run is not searched for them at each event. */
  readonly active: readonly number[];
  readonly confirmations: readonly Confirmation[];
  readonly notes: readonly Note[];
  readonly rollbacks: readonly Rollback[];
  /** Absent: every step waits for a key. */
  readonly runOn?: Pick<EventOf<'RunOnStarted'>, 'phaseId' | 'toStepId' | 'only'> & {
    /**
     * What was confirmed of steps since: of the one it begins with, once the services before that have ended. `left`: the
     * steps before it that were left when its order was confirmed.
     */
    readonly confirmed?: readonly (Confirmation & { readonly left?: readonly string[] })[];
  };
  /** Why the last run-on ended; absent: none did yet, or one is on. */
  readonly runOnEnded?: string;
  readonly opened?: { readonly at: number; readonly by: string; readonly host: string };
  readonly closed?: { readonly at: number; readonly by: string; readonly note: string };
  readonly lastSeq: number;
  readonly lastAt: number;
};
