/** Where lines come from. */
export type LogSource = {
  /** The same over a recreation, a rotation, a reconnection: service, container name, path, or `attempt-<number>`. */
  readonly key: string;
  readonly kind: 'container' | 'file' | 'service output';
  /** What the operator calls it: the service, the file's name, the step's title. */
  readonly name: string;
};

/** One line of a log. */
export type LogLine = {
  readonly source: string;
  /** When it was written, in milliseconds since the epoch; where a source has no times, when it was read. */
  readonly at: number;
  /** Text only: no control, escape or bidirectional character is left in it. Cut at `longestLine` characters. */
  readonly text: string;
  /** It was there before following began, and nothing says when it was written: it counts as no error of the last minutes. */
  readonly isUndated?: true;
};

/** Longest text of a line that is kept, in characters; what is beyond is cut with an ellipsis. */
export const longestLine = 4_000;

/** What a follower of logs tells. */
export type LogNews =
  /** The sources there are now. One that is not in it any more has no new lines; its old ones stay. */
  | { readonly kind: 'sources'; readonly sources: readonly LogSource[] }
  /** In the order they were read; those of one source in the order they were written. */
  | { readonly kind: 'lines'; readonly lines: readonly LogLine[] }
  /** Lines that came too fast to be read: at least so many. They were searched for the alert's pattern neither. */
  | {
      readonly kind: 'left out';
      readonly source: string;
      readonly at: number;
      readonly lines: number;
      /** The last of them, while no other of the source has come after it; absent: it is not known. */
      readonly last?: LogLine;
    }
  /** Trouble with one source or with all (`source` absent), as a sentence; `undefined`: it is over. */
  | { readonly kind: 'trouble'; readonly source?: string; readonly trouble: string | undefined };

/** How far back a follower begins: a time in milliseconds since the epoch, a number of lines a source, or all there is. */
export type LogStart =
  | { readonly kind: 'since'; readonly at: number }
  | { readonly kind: 'tail'; readonly lines: number }
  | { readonly kind: 'all' };
