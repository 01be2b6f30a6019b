import type { LogSource } from './log-line.ts';

/** How the lines are shown. */
export type LogSettings = {
  /** Only lines with it are shown: a regular expression, or where that is none, the text itself; case does not matter. */
  readonly filter?: string;
  /** Keys of sources that are not shown. */
  readonly hidden: readonly string[];
  readonly stamps: boolean;
  readonly wrap: boolean;
};

/** A source with what is known of it. */
export type LogSourceStatus = LogSource & {
  /** Place in the order of appearance, from 0: it decides the colour, and stays the same. */
  readonly index: number;
  /** False: it is gone, its lines stay. */
  readonly isThere: boolean;
  readonly lines: number;
  readonly errors: number;
  /** A sentence; absent: all is well. */
  readonly trouble?: string;
};

/** How the errors among the lines stand against the alert; absent in a status: no alert is defined. */
export type AlertStatus = {
  /** Errors within the last `withinMs`. */
  readonly count: number;
  /** Errors within the last minute. */
  readonly lastMinute: number;
  readonly max: number;
  readonly withinMs: number;
  /** More than `max` came within `withinMs`. */
  readonly isOver: boolean;
  /** The largest count so far and when it was reached; absent: there was no error. */
  readonly worst?: { readonly count: number; readonly at: number };
  /** The last line that counted. */
  readonly lastLine?: { readonly source: string; readonly text: string; readonly at: number };
};

/** What is said of the logs beside their lines; the same object while nothing changed. */
export type LogsStatus = {
  readonly sources: readonly LogSourceStatus[];
  /** Trouble with all sources of a kind, as a sentence; absent: none. */
  readonly trouble?: string;
  /** Lines that are kept, of all sources. */
  readonly lines: number;
  /** Lines that came too fast to be read. */
  readonly leftOut: number;
  readonly alert?: AlertStatus;
  /** True: the last line is shown, and goes on being shown. */
  readonly following: boolean;
  /** Lines that pass the filter and came since following was left. */
  readonly newLines: number;
};
