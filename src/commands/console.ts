/** Where a command writes and what it was called with; `cli` makes it from the process. */
export type Console = {
  /** Writes text and a line end. Colours of ours may be in it; whatever else a terminal would obey is taken out. */
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Writes a value as JSON, which no terminal acts on either; `indent` in columns, absent: on one line. */
  readonly json: (value: unknown, indent?: number) => void;
  /** Whether what was written to `out` waits for a reader that does not keep up: it is kept in memory until then. */
  readonly isBacklogged: () => boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Asks on the terminal; undefined: there is no terminal, or it was closed. */
  readonly ask: (question: string) => Promise<string | undefined>;
  readonly color: boolean;
};
