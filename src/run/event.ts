import type { Step } from '../definition/runbook.ts';
import type { AttemptResult } from '../runner/spec.ts';

/** Why a step's confirmation was needed; each is answered by itself and journaled. */
export type ConfirmationReason =
  /** `confirm: true`. */
  | 'confirm'
  /** `danger: true` on the step or its phase: the name was typed. */
  | 'danger'
  /** `irreversible`: a point of no return. */
  | 'irreversible'
  /** Steps before it have not been done. */
  | 'out of order'
  /** Its phase's host is not this machine. */
  | 'other host'
  /** The gate of an earlier phase. */
  | 'gate'
  /** An earlier attempt of it may still be running: its name was typed. */
  | 'still there';

/** Who accepted: a person at the screen or the terminal, or the flag `--yes`. */
export type Accepted = 'person' | '--yes';

/** The purpose of an attempt. */
export type Purpose =
  | { readonly kind: 'step'; readonly stepId: string }
  | { readonly kind: 'undo'; readonly rollback: number; readonly itemId: string };

/** What one item of a rollback does. Complete in itself: a changed definition does not change a rollback that began. */
export type RollbackWork =
  /** The step's own undo. */
  | {
      readonly kind: 'undo';
      readonly stepId: string;
      readonly script: string;
      readonly requires?: string;
      readonly verify?: string;
      readonly timeoutMs?: number;
    }
  /** Puts back the file that attempt `attempt` edited; `earlier`: before it these did too, or may have, the last first. */
  | {
      readonly kind: 'restore';
      readonly stepId: string;
      readonly attempt: number;
      readonly earlier?: readonly number[];
    }
  /** A step of the phase's own plan. */
  | { readonly kind: 'plan'; readonly step: Step };

export type RollbackItem = {
  /** `undo:<step id>` or `<phase id>/<plan step id>`. */
  readonly id: string;
  readonly phaseId: string;
  readonly title: string;
  readonly work: RollbackWork;
};

/** What a rollback can't take back, and why. */
export type Remaining = {
  readonly stepId: string;
  readonly title: string;
  readonly why: string;
  readonly kind: 'irreversible' | 'no undo';
};

export type RollbackScope =
  | { readonly kind: 'phase'; readonly phaseId: string }
  | { readonly kind: 'run' }
  /** One step alone: how an unknown step is undone. */
  | { readonly kind: 'step'; readonly stepId: string };

/** The plan of a rollback; what `r` shows and what is journaled when it begins. */
export type RollbackPlan = {
  readonly scope: RollbackScope;
  /** Phases it covers, in the order in which they are undone. */
  readonly phaseIds: readonly string[];
  readonly items: readonly RollbackItem[];
  readonly remaining: readonly Remaining[];
  /** Steps that were started and are taken back by this plan: pending again when it is done. */
  readonly stepIds: readonly string[];
};

/** `lineLost`: it was asked over ssh and there is no answer, which is not a no. */
export type Probed = { readonly held: boolean; readonly found: string; readonly lineLost?: true };

export type UnknownChoice = 'adopt as done' | 'run again' | 'mark failed';

export type UndoChoice = 'marked done' | 'skipped' | 'run again';

/** Who held a run before it was taken over. */
export type TakenFrom = {
  /** `user@host`; absent with what follows: the lock could not be read. */
  readonly by?: string;
  readonly host?: string;
  readonly pid?: number;
  /** Milliseconds since the epoch. */
  readonly since?: number;
  /** False: the operator decided it, although that process may still be there. */
  readonly provenDead: boolean;
};

/** Everything that can happen in a run. Past tense: it is written before, or is true when, it is read. */
export type RunEventBody =
  | {
      readonly type: 'RunStarted';
      readonly runbookId: string;
      readonly title: string;
      /** SHA-256 of the definition's text. */
      readonly definition: string;
      /** Absolute path the definition was read from. */
      readonly path: string;
      readonly values: Readonly<Record<string, string>>;
      /** Where each value came from, by name. */
      readonly origins: Readonly<Record<string, string>>;
      readonly version: string;
      /** Id of the run that it takes the place of, which is not the current one any more; absent: there was none. */
      readonly after?: string;
    }
  /** A screen or a pipeline took the run: nothing queued before it is still queued. */
  | {
      readonly type: 'RunOpened';
      readonly host: string;
      readonly pid: number;
      readonly screen: boolean;
      /** Whom it was taken over from; absent: nobody held it. */
      readonly from?: TakenFrom;
    }
  /** The run was put aside by `reset`; the next opening begins a new one. */
  | { readonly type: 'RunClosed'; readonly note: string }
  | {
      readonly type: 'DefinitionAdopted';
      readonly definition: string;
      /** File beside the journal that holds its text. */
      readonly file: string;
      readonly changes: readonly string[];
    }
  | { readonly type: 'DefinitionKept'; readonly definition: string }
  | { readonly type: 'VariableSet'; readonly name: string; readonly value: string }
  | {
      readonly type: 'Confirmed';
      readonly reason: ConfirmationReason;
      readonly phaseId: string;
      /** Absent for a gate and for a phase's host. */
      readonly stepId?: string;
      readonly accepted: Accepted;
      readonly said: string;
    }
  /** `only`: the step `toStepId` and no other, as soon as the services before it have ended. */
  | { readonly type: 'RunOnStarted'; readonly phaseId?: string; readonly toStepId?: string; readonly only?: true }
  | { readonly type: 'RunOnEnded'; readonly why: string }
  | { readonly type: 'UnlessAsked'; readonly stepId: string }
  /** The `unless` did not hold, or could not be asked: the step goes on or is pending again. */
  | { readonly type: 'UnlessAnswered'; readonly stepId: string; readonly answer: Probed }
  | { readonly type: 'StepSatisfied'; readonly stepId: string; readonly found: string }
  | { readonly type: 'StepSkipped'; readonly stepId: string; readonly reason: string }
  | {
      readonly type: 'AttemptStarted';
      readonly attempt: number;
      readonly purpose: Purpose;
      readonly title: string;
      /** The how-manieth retry in a row; absent: begun by a key or by running on. */
      readonly retry?: number;
    }
  | { readonly type: 'AttemptSpawned'; readonly attempt: number; readonly spawnedAt: number }
  | { readonly type: 'AttemptReady'; readonly attempt: number; readonly readyAt: number }
  | { readonly type: 'StopRequested'; readonly attempt: number; readonly why: string }
  | { readonly type: 'StopEscalated'; readonly attempt: number; readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' }
  | { readonly type: 'AttemptEnded'; readonly attempt: number; readonly result: AttemptResult }
  /** It certainly did not start. */
  | { readonly type: 'AttemptWithdrawn'; readonly attempt: number; readonly why: string }
  | {
      readonly type: 'AttemptLost';
      readonly attempt: number;
      readonly why: string;
      /** True: its processes are proven gone; absent or false: they may still be there. */
      readonly groupGone?: boolean;
    }
  /** Looked at again before more was begun: nothing of it can still go on. */
  | { readonly type: 'AttemptProvenGone'; readonly attempt: number }
  | { readonly type: 'AttemptVerified'; readonly attempt: number; readonly answer: Probed }
  /** A person did what a manual step, or a manual item of a rollback, asks for. */
  | { readonly type: 'ManualDone'; readonly attempt: number; readonly accepted: Accepted; readonly note: string }
  | { readonly type: 'RetryScheduled'; readonly stepId: string; readonly dueAt: number; readonly number: number }
  | { readonly type: 'RetryCancelled'; readonly stepId: string; readonly why: string }
  | {
      readonly type: 'UnknownResolved';
      readonly stepId: string;
      readonly choice: UnknownChoice;
      readonly note: string;
    }
  | {
      readonly type: 'ItemTicked';
      readonly itemId: string;
      readonly how: 'person' | 'command' | '--yes';
      readonly found: string;
    }
  | { readonly type: 'ItemUnticked'; readonly itemId: string; readonly why: string }
  | { readonly type: 'ItemAsked'; readonly itemId: string }
  | { readonly type: 'ItemNotMet'; readonly itemId: string; readonly found: string }
  | { readonly type: 'NoteAdded'; readonly text: string; readonly stepId?: string; readonly phaseId?: string }
  | {
      readonly type: 'RollbackStarted';
      readonly rollback: number;
      readonly plan: RollbackPlan;
      readonly accepted: Accepted;
      /** What the operator found out about the unknown step that is undone; absent: it undoes no such step alone. */
      readonly note?: string;
    }
  | {
      readonly type: 'UndoResolved';
      readonly rollback: number;
      readonly itemId: string;
      /** `run again`: an undo whose end nobody knew. */
      readonly choice: UndoChoice;
      readonly note: string;
    }
  /** A running command could not be proven stopped: its undo waits for the operator. */
  | { readonly type: 'UndoBlocked'; readonly rollback: number; readonly itemId: string; readonly found: string }
  /** What the undo would take back never started: its start was withdrawn after the rollback had begun. */
  | { readonly type: 'UndoNotNeeded'; readonly rollback: number; readonly itemId: string; readonly why: string }
  /** An interrupted rollback goes on. */
  | { readonly type: 'RollbackResumed'; readonly rollback: number }
  | {
      readonly type: 'RollbackFinished';
      readonly rollback: number;
      readonly outcome: 'rolled back' | 'partly rolled back';
    }
  | { readonly type: 'RollbackGivenUp'; readonly rollback: number; readonly note: string };

export type RunEventType = RunEventBody['type'];

/** One line of the journal. */
export type RunEvent = {
  /** From 1, without a gap. */
  readonly seq: number;
  /** UTC, milliseconds since the epoch. */
  readonly at: number;
  /** `user@host`. */
  readonly by: string;
  /** SHA-256 of the line before; 64 zeros for the first. */
  readonly prev: string;
} & RunEventBody;

/** The event of one type, or of several. */
export type EventOf<T extends RunEventType> = Extract<RunEvent, { type: T }>;

/** Events that tell of one attempt. */
export type AttemptEvent = EventOf<
  | 'AttemptStarted'
  | 'AttemptSpawned'
  | 'AttemptReady'
  | 'StopRequested'
  | 'StopEscalated'
  | 'AttemptEnded'
  | 'AttemptWithdrawn'
  | 'AttemptLost'
  | 'AttemptProvenGone'
  | 'AttemptVerified'
  | 'ManualDone'
>;
