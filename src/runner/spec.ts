/** A probe whose variables are expanded and whose command is ready to be executed. */
export type ResolvedProbe =
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string;
      /** Absent: any status from 200 to 299. */
      readonly status?: number;
      /** Objects as subsets of the answer, everything else exactly. */
      readonly json?: unknown;
      /** A regular expression that a line of the body has to match, case ignored. */
      readonly match?: string;
      readonly timeoutMs: number;
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly timeoutMs: number }
  | { readonly kind: 'command'; readonly argv: readonly string[]; readonly timeoutMs: number };

export type ResolvedPoll = { readonly probe: ResolvedProbe; readonly withinMs: number; readonly everyMs: number };

/** What one attempt is to do. */
export type Work =
  | {
      readonly kind: 'command';
      readonly argv: readonly string[];
      /** `pty`: a terminal of its own; where none can be had, pipes with a notice in the result. */
      readonly on: 'pty' | 'pipes';
    }
  | { readonly kind: 'check'; readonly poll: ResolvedPoll }
  | {
      readonly kind: 'service';
      readonly argv: readonly string[];
      readonly on: 'pty' | 'pipes';
      /** Absent: ready as soon as it was started. */
      readonly ready?: ResolvedPoll;
    }
  | {
      readonly kind: 'watch';
      readonly probe: ResolvedProbe;
      readonly everyMs: number;
      readonly forMs: number;
      readonly maxFailures: number;
    }
  | {
      readonly kind: 'edit';
      /** Absolute. */
      readonly file: string;
      readonly replace: string;
      readonly with: string;
      readonly times: number;
    }
  /** Puts back the file that earlier attempts of an `edit` changed, unless it was changed since. */
  | ({
      readonly kind: 'restore';
      readonly file: string;
      /** Attempts before that one which wrote too, or may have, the last first; absent: none. */
      readonly earlier?: readonly EditToRestore[];
    } & EditToRestore);

/** An attempt of an edit that is taken back. */
export type EditToRestore = {
  readonly editFolder: string;
  /** The edit's own result says that it wrote: then its record has to be there. */
  readonly wasWritten: boolean;
};

export type ResolvedExpectation = {
  /** Exit statuses that count as success. */
  readonly exit: readonly number[];
  /** A regular expression some line of the output has to match, case ignored. */
  readonly match?: string;
  /** A regular expression no line of the output may match, case ignored. */
  readonly noMatch?: string;
};

/** `spec.json`: what one attempt is to do. Holds the names of secrets, never a value. */
export type AttemptSpec = {
  readonly version: 1;
  readonly runId: string;
  readonly attempt: number;
  readonly title: string;
  readonly work: Work;
  /** A command that has to answer 0 before the work is begun; absent: nothing has to hold. */
  readonly requires?: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** The runbook's variables and the step's own; added to the environment the runner was started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the secrets whose values come in on the runner's standard input. */
  readonly secretNames: readonly string[];
  /** Those of them whose encoded forms are masked too; absent: none. */
  readonly encodedSecrets?: readonly string[];
  readonly expect: ResolvedExpectation;
  /** Its command goes over ssh, of which exit status 255 says that the line was lost; absent: it does not. */
  readonly overSsh?: true;
  /** True: the trimmed standard output (ANSI removed, at most 64 KiB) is put into the result. */
  readonly capture: boolean;
  /** Deadline of the whole attempt; absent: none. */
  readonly timeoutMs?: number;
  /** Between SIGINT and SIGTERM, and again between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly columns: number;
  readonly rows: number;
  /** A unix socket in a short folder of mode 0700. */
  readonly socketPath: string;
  /** Bytes of output that are kept on disk; beyond it the head and the tail are. */
  readonly outputCapBytes: number;
};

/** What the engine writes to the runner's standard input, as one JSON line, before it closes it. */
export type RunnerSecrets = Readonly<Record<string, string>>;

/** Identifies a process beyond the reuse of its pid. */
export type ProcessIdentity = {
  readonly pid: number;
  /** As the system tells it; compared as text only. */
  readonly startTime: string;
  readonly bootId: string;
  readonly host: string;
};

/**
 * `started.json`: made exactly once with an exclusive link, before anything is executed. Who makes it decides: a runner
 * that finds it there executes nothing, and a recovery that makes it (`withdrawn`) knows that nothing will start.
 */
export type StartedRecord =
  | { readonly kind: 'started'; readonly runner: ProcessIdentity; readonly at: number }
  | { readonly kind: 'withdrawn'; readonly by: ProcessIdentity; readonly at: number };

/** `command.json`: the command's own process, written right after it was spawned. */
export type CommandRecord = { readonly process: ProcessIdentity; readonly at: number };

/** `ready.json`: a service's ready probe held. */
export type ReadyRecord = { readonly at: number };

/** A line of `observations.ndjson`: one asking of a watch. */
export type Observation = {
  readonly at: number;
  readonly outcome: 'held' | 'did not hold' | 'not observed';
  /** What was found; for `not observed`, why. */
  readonly found: string;
  /** For `not observed`: how long nobody watched, ending at `at`. */
  readonly gapMs?: number;
};

/** How an attempt's work ended. */
export type Ending =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'timed out'; readonly afterMs: number }
  | { readonly kind: 'stopped'; readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' }
  | { readonly kind: 'could not start'; readonly message: string }
  /** A check held, a file was edited or restored, a watch was over with few enough failures. */
  | { readonly kind: 'done'; readonly found: string }
  /** A check, an edit, a service's ready probe or a watch did not get what it needs. */
  | { readonly kind: 'not met'; readonly found: string };

/** One thing that was expected of an attempt and did not hold. */
export type Unmet = {
  /** `too slow`: whether the pattern `wanted` matches can't be said within reasonable time. */
  readonly what: 'exit' | 'match' | 'no-match' | 'too slow';
  readonly wanted: string;
  readonly found: string;
};

export type EditRecord = {
  readonly file: string;
  readonly beforeSha256: string;
  readonly afterSha256: string;
  /** Relative to the attempt's folder. */
  readonly backup: string;
};

/** `result.json`: how an attempt ended; written under a temporary name, synced, renamed. */
export type AttemptResult = {
  readonly version: 1;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Measured with a monotonic clock. */
  readonly durationMs: number;
  readonly ending: Ending;
  readonly unmet: readonly Unmet[];
  /** False: the command was to be ended (stop, deadline, not ready) and some process of its group is not proven gone. */
  readonly groupGone: boolean;
  /** ssh lost its line, or never had one: how what was begun on the other machine ended is not known. */
  readonly lineLost?: true;
  readonly captured?: string;
  readonly edit?: EditRecord;
  readonly output: {
    readonly bytes: number;
    /** Bytes that the cap cut out of the middle. */
    readonly cutBytes: number;
    /** `none`: the work printed nothing of its own through a terminal or pipes. */
    readonly on: 'pty' | 'pipes' | 'none';
  };
  /** Things the operator should know: no pseudo-terminal could be had, the disk was full while output was recorded. */
  readonly notices: readonly string[];
};

/** A line the screen sends to a runner's socket. */
export type RunnerRequest =
  | { readonly type: 'hello'; readonly attempt: number; readonly runId: string }
  /** `data` is base64: terminals send bytes, not text. */
  | { readonly type: 'input'; readonly data: string }
  | { readonly type: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly type: 'stop' }
  | { readonly type: 'signal'; readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 'SIGQUIT' }
  /** Ask for the raw bytes as they are printed, for a handed-over terminal. */
  | { readonly type: 'stream'; readonly on: boolean };

/** A line a runner sends to those connected to its socket. */
export type RunnerReport =
  | { readonly type: 'hello'; readonly attempt: number; readonly runId: string; readonly runner: ProcessIdentity }
  | { readonly type: 'started'; readonly at: number }
  | { readonly type: 'ready'; readonly at: number }
  | { readonly type: 'stopping'; readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'; readonly at: number }
  /** Masked output, base64, to a connection that asked for the stream. */
  | { readonly type: 'output'; readonly data: string }
  /** Its files can't be written, though it goes on; without a text: they can again. */
  | { readonly type: 'trouble'; readonly text?: string }
  | { readonly type: 'ended' };
