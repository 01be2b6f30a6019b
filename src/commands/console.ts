/** Where a command writes and what it was called with; `cli` makes it from the process. */
export type Console = {
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Asks on the terminal; undefined: there is no terminal, or it was closed. */
  readonly ask: (question: string) => Promise<string | undefined>;
  readonly color: boolean;
};
