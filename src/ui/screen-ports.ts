import type { Monitor } from '../definition/runbook.ts';
import type { EngineApi } from '../engine/api.ts';
import type { Rect } from '../live/cells.ts';
import type { DrawChart } from '../live/line-chart.ts';
import type { LogStart } from '../live/log-line.ts';
import type { LogSettings, LogsStatus } from '../live/log-status.ts';
import type { SystemSnapshot } from '../live/system.ts';

/** What the painter of output says of what it shows. */
export type OutputStatus = {
  /** True: the last line is shown, and goes on being shown. */
  readonly following: boolean;
  /** Lines that came since following was left. */
  readonly newLines: number;
};

/** How to move in the output that is shown; reaching its end follows again. */
export type ScrollCommand =
  /** Negative: up. */
  | { readonly kind: 'lines'; readonly by: number }
  | { readonly kind: 'pages'; readonly by: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' };

/** Something that changes by itself and is followed. */
export type Followed<T> = {
  /** The same object as long as nothing changed. */
  readonly get: () => T;
  readonly subscribe: (listener: () => void) => () => void;
};

/** The logs, beside their lines, which are painted and never pass through here. */
export type LogsPort = Followed<LogsStatus> & {
  readonly scroll: (command: ScrollCommand) => void;
  /** Reads all sources anew, from there on. */
  readonly follow: (start: LogStart) => void;
};

/** What whoever paints output needs to know of the screen. */
export type ScreenLayout = {
  /** Where output is painted; absent: nowhere. */
  readonly hole?: Rect;
  /** What lies over the hole and stays as Ink drew it. */
  readonly clip: readonly Rect[];
  /** The attempt whose output belongs into the hole; absent: none. */
  readonly attempt?: number;
  /** Where lines of the logs are painted, what lies over them, and how they are shown; absent: nowhere. */
  readonly logs?: { readonly hole: Rect; readonly clip: readonly Rect[]; readonly settings: LogSettings };
  /** The size that pseudo-terminals should have: of the output pane, whether it shows output now or not. */
  readonly columns: number;
  readonly rows: number;
};

/** All that the screen is given from outside; `main` wires it. */
export type ScreenPorts = {
  readonly engine: EngineApi;
  /** What the project says of the live panes; absent: nothing. */
  readonly projectMonitor?: Monitor | undefined;
  /** Size of the terminal; a resize renders anew. */
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /**
   * Number of the burst of input that is being handled: keys of one read, or of a key repeat, have the same. A key in
   * the burst that opened a dialog never confirms it.
   */
  readonly currentBurst: () => number;
  /** Calls back with each pasted text; returns how to end it. */
  readonly onPaste: (receive: (text: string) => void) => () => void;
  /** Called before the frame that the layout belongs to is written. */
  readonly onLayout: (layout: ScreenLayout) => void;
  readonly outputStatus: Followed<OutputStatus>;
  readonly system: Followed<SystemSnapshot>;
  readonly logs: LogsPort;
  /** Draws line charts once it was asked to load. */
  readonly chart: Followed<DrawChart | undefined> & { readonly load: () => void };
  readonly scrollOutput: (command: ScrollCommand) => void;
  /** While set, all bytes of the keyboard go there and none becomes a key; undefined: keys again. */
  readonly setRawInput: (receive: ((data: Uint8Array) => void) | undefined) => void;
  /** What had the keyboard has ended by itself: what is typed on is nobody’s until it pauses. */
  readonly restKeys: () => void;
  /** Whether it is so. */
  readonly keysRest: Followed<boolean>;
  /** Opens the definition in the operator's editor, at a line that counts from 1. */
  readonly openEditor: (line: number) => void;
  /** Gives the whole terminal to an interactive attempt until it ends. */
  readonly handOver: (attempt: number) => void;
  /** Ctrl-Z. */
  readonly suspend: () => void;
  /** Draws every cell anew. */
  readonly repaint: () => void;
  /** The operator leaves; what runs goes on. */
  readonly leave: () => void;
};
