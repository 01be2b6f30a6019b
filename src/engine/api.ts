import type { UnknownEvidence } from '../run/attempt-sighting.ts';
import type { RollbackPlan, RollbackScope, RunEvent } from '../run/event.ts';
import type { Intent, Question } from '../run/intent.ts';
import type { Run } from '../run/state.ts';

/** What became of an intent. */
export type Reply =
  | { readonly kind: 'done' }
  /** Nothing has changed; `why` says why and what to do. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Nothing has changed; the intent is to be sent again with the answers. */
  | { readonly kind: 'ask'; readonly questions: readonly Question[] };

/** `alive`: it is there, perhaps stopped; `unreadable`: its lock says nothing. */
export type HolderPlace = 'alive' | 'other host' | 'unreadable';

/** The screen or command that writes the run, seen from one that looks on; `pid` 0: nobody does. */
export type OtherHolder = {
  readonly kind: 'viewer';
  readonly holder: string;
  readonly host: string;
  readonly pid: number;
  readonly since: number;
  readonly provenDead: boolean;
  /** What is known of the holder's process, where it is not proven gone. */
  readonly where?: HolderPlace;
  /** This screen wrote the run until it was taken over. */
  readonly isOusted?: boolean;
};

/** Who writes this run. */
export type Holding =
  | { readonly kind: 'writer' }
  | OtherHolder
  /** Nobody writes it, and this screen can't: a disk is full or read-only. It takes the run when it can. */
  | { readonly kind: 'unwritable'; readonly problem: string }
  /** The journal is damaged: nothing may be written. */
  | { readonly kind: 'damaged'; readonly problem: string };

/** A live answer to "can this undo still work?". */
export type UndoOutlook =
  | { readonly itemId: string; readonly kind: 'asking' }
  | { readonly itemId: string; readonly kind: 'can work'; readonly found: string }
  | { readonly itemId: string; readonly kind: "can't work"; readonly found: string }
  /** It has no `requires`. */
  | { readonly itemId: string; readonly kind: 'not asked' };

/** What a screen may ask of the engine, and all that it knows of it. */
export interface EngineApi {
  run(): Run;
  /** Every event so far, oldest first: that of `seq` 1 is the first. The list grows; it is not another one each time. */
  events(): readonly RunEvent[];
  /** Calls back after every change of `run()`, `holding()`, `trouble()`; returns how to end it. */
  subscribe(listener: () => void): () => void;
  send(intent: Intent): Promise<Reply>;
  /** Why an intent would be refused now; undefined: it would not (it may still ask). Pure and quick. */
  refusal(intent: Intent): string | undefined;
  holding(): Holding;
  /** Takes the run over from another writer: refused where that one does not hold it any more. */
  takeOver(from: OtherHolder): Promise<Reply>;
  /** The last thing that went wrong outside a step: the journal could not be written, a disk is full. */
  trouble(): string | undefined;
  /** One line each: what happened since the operator was last here. Empty: nothing. */
  whileAway(): readonly string[];
  /** The definition file differs from the stored one: the steps that differ. Undefined: it does not. */
  definitionChange(): { readonly changes: readonly string[] } | undefined;
  answerDefinitionChange(choice: 'stay' | 'adopt'): Promise<Reply>;
  /** Keeps a secret's value in memory only. Refused where it is shorter than 4 characters. */
  setSecret(name: string, value: string): Reply;
  secretsHeld(): readonly string[];
  /** A line that did not come from an attempt, with the values of the secrets that are held masked. */
  maskedLine(line: string): string;
  /** Where the value of a variable came from: `default`, `runbook.yaml`, `environment`, `--var`, `typed`, `captured`. */
  originOf(variable: string): string;
  hostsHere(): readonly string[];
  /** The folder of an attempt's files. */
  attemptFolder(attempt: number): string;
  /** The resolved command (or what else it does) of a step, for showing; secrets are not in it. */
  describeStep(stepId: string): readonly string[];
  /** The change an `edit` step would make now, as unified diff lines; a message where it can't. */
  previewEdit(stepId: string): Promise<readonly string[]>;
  input(attempt: number, data: Uint8Array): void;
  /** The size that the pseudo-terminals of running attempts should have. */
  resize(columns: number, rows: number): void;
  /** Raw bytes of a running attempt, for a handed-over terminal; returns how to end it. */
  stream(attempt: number, receive: (data: Uint8Array) => void): () => void;
  rollbackPlan(scope: RollbackScope): RollbackPlan;
  /** Asks every item of a plan whether it can still work; calls back as answers come; returns how to stop asking. */
  askOutlook(plan: RollbackPlan, receive: (outlook: readonly UndoOutlook[]) => void): () => void;
  /**
   * Finds out what can be known of an attempt that nobody knows the end of; calls back as each piece comes, and goes on
   * looking until it is ended by what is returned. Changes nothing.
   */
  askEvidence(attempt: number, receive: (evidence: UnknownEvidence) => void): () => void;
  /** Resolves when nothing is in flight: no event being written, no effect unanswered (running attempts aside). */
  idle(): Promise<void>;
  /** Lets go: runners go on, the lock is given back. */
  close(): Promise<void>;
}
