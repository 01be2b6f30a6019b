import type { AttemptEvidence, AttemptReport } from '../run/attempt-report.ts';
import type { AttemptSighting } from '../run/attempt-sighting.ts';
import type { Probed, RunEvent, RunEventBody } from '../run/event.ts';
import type { AttemptSpec, RunnerSecrets } from '../runner/spec.ts';

export type { AttemptEvidence, AttemptReport, AttemptSighting };

/** Where a run's events are kept. */
export interface Journal {
  /**
   * Appends and syncs; resolves only when the events are on the disk, in order, all or none.
   *
   * @throws {JournalWriteError} if they could not be written; the file is as before.
   */
  append(bodies: readonly RunEventBody[]): Promise<readonly RunEvent[]>;
  close(): Promise<void>;
}

/** Executes attempts in processes of their own. */
export interface Runners {
  /**
   * Makes the folder of an attempt before its start is announced: one that is not there later was taken away.
   *
   * @throws the system's error.
   */
  prepare(folder: string): Promise<void>;
  /** Writes the spec and starts the runner. What happens then comes through `report`; never rejects. */
  start(input: {
    readonly folder: string;
    readonly spec: AttemptSpec;
    readonly secrets: RunnerSecrets;
    readonly report: (report: AttemptReport) => void;
  }): Promise<void>;
  /**
   * Finds out what became of an attempt; withdraws it where it has certainly not started.
   *
   * @param wasStarted the journal says that it was.
   */
  examine(folder: string, wasStarted: boolean): Promise<AttemptEvidence>;
  /** Looks at what is left of an attempt; changes nothing. */
  look(folder: string): Promise<AttemptSighting>;
  /** Connects to a running attempt; its reports follow. */
  attach(folder: string, report: (report: AttemptReport) => void): Promise<void>;
  /** Asks the attempt to stop: SIGINT, SIGTERM, SIGKILL with the spec's grace between them. */
  stop(folder: string): Promise<void>;
  input(folder: string, data: Uint8Array): void;
  resize(folder: string, columns: number, rows: number): void;
  /** Streams the attempt's bytes as they are printed (a handed-over terminal); returns how to end it. */
  stream(folder: string, receive: (data: Uint8Array) => void): () => void;
  /** Lets go of every attempt without stopping any. */
  detach(): Promise<void>;
}

/** The answer to a question that changes nothing; `found`: exit status and the last lines, secrets masked. */
export type ProbeAnswer = Probed;

/** Asks commands that change nothing: `unless`, `verify`, `requires`, a checklist item's `run`. */
export interface Probes {
  ask(question: {
    readonly purpose: 'unless' | 'verify' | 'item' | 'requires';
    readonly argv: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly secrets: RunnerSecrets;
    /** Names of the secrets whose encoded forms are masked too; absent: none. */
    readonly encodedSecrets?: readonly string[];
    /** It is asked over ssh, which says with 255 that there is no answer. */
    readonly overSsh?: true;
    readonly timeoutMs: number;
    /** Ends the question early, its processes with it. */
    readonly signal?: AbortSignal;
  }): Promise<ProbeAnswer>;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after `delayMs`; returns how to take it back. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A file as an `edit` step would change it. */
export interface EditPreviews {
  /** Unified diff lines, or one line that says why it can't be made. */
  preview(edit: Extract<AttemptSpec['work'], { kind: 'edit' }>): Promise<readonly string[]>;
  /** Whether the file is still as the edit left it, and can be put back. */
  isAsLeft(
    restore: Extract<AttemptSpec['work'], { kind: 'restore' }>,
  ): Promise<{ readonly held: boolean; readonly found: string }>;
}

/** The last lines an attempt printed, as plain text. */
export interface OutputTails {
  lastLines(folder: string, count: number): Promise<readonly string[]>;
}
