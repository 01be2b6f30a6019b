/** A length of time as the definition writes it, resolved to milliseconds; a single figure has `minMs === maxMs`. */
export type Estimate = { readonly minMs: number; readonly maxMs: number };

/** A position in the definition's text; both count from 1. */
export type Position = { readonly line: number; readonly column: number };

export type Reference = { readonly title: string; readonly url: string };

export type ChangelogEntry = { readonly date: string; readonly version: string; readonly change: string };

/** What a variable may hold. `directory` and `file` expand a leading `~`. */
export type VariableType = 'string' | 'number' | 'directory' | 'file' | 'url';

export type Variable = {
  readonly name: string;
  readonly about?: string;
  /** May name variables that are declared before it, as `${NAME}`. */
  readonly default?: string;
  /** A regular expression that the whole value has to match. */
  readonly pattern?: string;
  readonly type: VariableType;
  /** Allowed values; absent: any. */
  readonly choices?: readonly string[];
  /** Asked for or taken from the environment, masked everywhere, never stored. */
  readonly secret: boolean;
  /** Of a secret: `encoded` masks its base64, URL, JSON, shell and hexadecimal forms too. Absent: the value alone. */
  readonly mask?: 'encoded';
  /** An optional variable without a value is the empty string. */
  readonly optional: boolean;
};

export type Host = {
  readonly id: string;
  readonly about?: string;
  /** Glob over the machine's host name (`macbook*`); absent: this machine is never taken for it. */
  readonly hostname?: string;
  readonly ssh?: string;
};

/** Which containers to watch. */
export type ContainerSelection =
  | { readonly compose: string }
  | { readonly containers: readonly string[] }
  | { readonly all: true };

export type LogSource =
  | {
      readonly kind: 'docker';
      readonly compose?: string;
      readonly services: readonly string[];
      readonly containers: readonly string[];
      readonly tail?: number;
    }
  | { readonly kind: 'file'; readonly file: string };

export type Alert = {
  readonly pattern: string;
  readonly ignore?: string;
  readonly max: number;
  readonly withinMs: number;
};

export type Monitor = {
  readonly docker?: ContainerSelection;
  readonly logs: readonly LogSource[];
  readonly alert?: Alert;
};

/** A JSON value that an HTTP answer's body must contain: objects as subsets, the rest exactly. */
export type JsonExpectation = unknown;

/** One question that is answered by yes or no without changing anything. */
export type Probe =
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string;
      /** Absent: any status from 200 to 299. */
      readonly status?: number;
      readonly json?: JsonExpectation;
      /** A regular expression the body has to match. */
      readonly match?: string;
      /** Deadline of one request. */
      readonly timeoutMs: number;
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: string; readonly timeoutMs: number }
  | { readonly kind: 'command'; readonly script: string; readonly timeoutMs: number };

/** A probe that is asked again until it holds. */
export type Poll = { readonly probe: Probe; readonly withinMs: number; readonly everyMs: number };

/** What a command must show to have succeeded; `exit` is 0 where the definition says nothing. */
export type Expectation = {
  readonly exit: readonly number[];
  readonly match?: string;
  readonly noMatch?: string;
};

export type Retry = { readonly times: number; readonly everyMs: number };

/** A command that answers by its exit status: 0 is yes. */
export type Question = {
  readonly script: string;
  /** It is marked as changing nothing and cheap, so that a dry run may execute it too. */
  readonly safe: boolean;
};

export type Undo = {
  readonly script: string;
  /** Asks, without changing anything, whether the undo can still work. */
  readonly requires?: Question;
  /** Proves that the undo did its work. */
  readonly verify?: string;
  readonly timeoutMs?: number;
  readonly about?: string;
};

export type FileEdit = {
  readonly file: string;
  readonly replace: string;
  readonly with: string;
  /** How often the text has to be there, exactly. */
  readonly times: number;
};

export type StepAction =
  | { readonly kind: 'run'; readonly script: string }
  | { readonly kind: 'interactive'; readonly script: string }
  | { readonly kind: 'manual'; readonly text: string }
  | { readonly kind: 'edit'; readonly edit: FileEdit }
  | { readonly kind: 'check'; readonly poll: Poll }
  | { readonly kind: 'service'; readonly script: string; readonly ready?: Poll }
  | {
      readonly kind: 'watch';
      readonly probe: Probe;
      readonly everyMs: number;
      readonly forMs: number;
      readonly maxFailures: number;
    };

export type StepKind = StepAction['kind'];

export type Step = {
  readonly id: string;
  readonly title: string;
  readonly about?: string;
  readonly action: StepAction;
  readonly position: Position;
  /** Resolved from the step, else its phase. */
  readonly host?: string;
  /** Resolved from the step, else its phase; `${NAME}` not yet expanded. */
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  /** Program and arguments; the script follows as the argument of `-c`. */
  readonly shell: readonly string[];
  /** False: plain pipes instead of a pseudo-terminal. */
  readonly terminal: boolean;
  /** Runs first in every command of the step; resolved from the step, else its phase; empty: nothing. */
  readonly before: string;
  /** Answered by yes: what the step is for is already there, and it is not run. */
  readonly unless?: Question;
  readonly verify?: string;
  readonly undo?: Undo;
  /** Why there is no way back from this step. */
  readonly irreversible?: string;
  /** The step changes nothing: said so, or of a kind that never does. */
  readonly readonly: boolean;
  readonly confirm: boolean;
  readonly danger: boolean;
  readonly required: boolean;
  /** Deadline of one attempt; absent: none. */
  readonly timeoutMs?: number;
  readonly retry?: Retry;
  readonly expect: Expectation;
  /** The variable that takes the trimmed output (of standard output on pipes, of the terminal's last line block else). */
  readonly capture?: string;
  readonly estimate?: Estimate;
  readonly tags: readonly string[];
  /** Ids of steps that must have succeeded before. */
  readonly needs: readonly string[];
};

export type ChecklistItem = {
  readonly id: string;
  readonly text: string;
  /** A command that ticks the item when it exits 0; absent: a person ticks it. */
  readonly run?: string;
};

export type Phase = {
  readonly id: string;
  readonly title: string;
  readonly about?: string;
  readonly host?: string;
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly shell: readonly string[];
  readonly before: string;
  readonly danger: boolean;
  readonly estimate?: Estimate;
  readonly position: Position;
  readonly steps: readonly Step[];
  readonly checklist: readonly ChecklistItem[];
  /** The question that has to be answered with yes before the next phase. */
  readonly gate?: string;
  /** Absent: a rollback runs the steps' undos. Its steps are of the kinds `run`, `edit`, `check` and `manual`. */
  readonly rollback?: readonly Step[];
};

export type Troubleshooting = {
  readonly id: string;
  readonly title: string;
  readonly match?: string;
  readonly phases: readonly string[];
  readonly advice: string;
  readonly fix?: string;
};

export type CheatSheet = {
  readonly title: string;
  readonly commands: readonly { readonly run: string; readonly about?: string; readonly cwd?: string }[];
};

/** A whole definition, validated: ids are unique, names it uses exist, defaults are filled in. */
export type Runbook = {
  readonly id: string;
  readonly title: string;
  readonly project?: string;
  readonly owner?: string;
  readonly status?: string;
  readonly date?: string;
  readonly estimate?: Estimate;
  /** Markdown. */
  readonly about?: string;
  readonly references: readonly Reference[];
  readonly changelog: readonly ChangelogEntry[];
  readonly vars: readonly Variable[];
  readonly hosts: readonly Host[];
  readonly monitor?: Monitor;
  readonly phases: readonly Phase[];
  readonly troubleshooting: readonly Troubleshooting[];
  readonly cheatsheet: readonly CheatSheet[];
};
