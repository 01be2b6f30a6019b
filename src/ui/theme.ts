import { sourceColours } from '../live/log-row.ts';
import type { ItemState, StepStatus, UndoState } from '../run/state.ts';
import type { Color, Style } from './spans.ts';

/** How a status is shown: never by colour alone. */
export type Look = { readonly glyph: string; readonly style: Style; readonly word: string };

/** Statuses of phases and of the whole run, as `run/select` names them; `damaged`: its journal is. */
export type OverallStatus =
  | 'pending'
  | 'not started'
  | 'running'
  | 'waiting'
  | 'done'
  | 'succeeded'
  | 'failed'
  | 'unknown'
  | 'rolling back'
  | 'rolled back'
  | 'partly rolled back'
  | 'closed'
  | 'damaged';

const good: Style = { color: 'green' };
const busy: Style = { color: 'cyan', bold: true };
const bad: Style = { color: 'red', bold: true };
const wary: Style = { color: 'yellow', bold: true };

/** Styles by meaning. */
export const styles = {
  quiet: { dim: true },
  strong: { bold: true },
  focus: { color: 'cyan' },
  focusTitle: { color: 'cyan', bold: true },
  key: { bold: true },
  rollback: { bold: true, color: 'yellow' },
  good,
  busy,
  bad,
  wary,
  added: { color: 'green' },
  removed: { color: 'red' },
  link: { color: 'blue', underline: true },
  code: { color: 'cyan' },
} as const satisfies Record<string, Style>;

/** Marks that are no status. */
export const marks = {
  undo: '↩',
  irreversible: '⚑',
  selected: '▸',
  host: '●',
  warning: '⚠',
  yes: '✔',
  no: '✖',
  asking: '…',
} as const;

const stepLooks: Readonly<Record<StepStatus, Look>> = {
  pending: { glyph: '○', style: {}, word: 'to do' },
  satisfied: { glyph: '✔', style: good, word: 'was already so' },
  skipped: { glyph: '-', style: styles.quiet, word: 'skipped' },
  asking: { glyph: '▶', style: busy, word: 'asking' },
  starting: { glyph: '▶', style: busy, word: 'starting' },
  running: { glyph: '▶', style: busy, word: 'running' },
  verifying: { glyph: '▶', style: busy, word: 'verifying' },
  succeeded: { glyph: '✔', style: good, word: 'done' },
  failed: { glyph: '✖', style: bad, word: 'failed' },
  'timed out': { glyph: '✖', style: bad, word: 'timed out' },
  stopped: { glyph: '■', style: wary, word: 'stopped' },
  unknown: { glyph: '?', style: wary, word: 'unknown' },
  undone: { glyph: '↩', style: {}, word: 'undone' },
  'undo failed': { glyph: '⚠', style: bad, word: 'undo failed' },
};

const overallLooks: Readonly<Record<OverallStatus, Look>> = {
  pending: { glyph: '·', style: styles.quiet, word: 'to do' },
  'not started': { glyph: '·', style: styles.quiet, word: 'not started' },
  running: { glyph: '▶', style: busy, word: 'running' },
  waiting: { glyph: '◇', style: { color: 'cyan' }, word: 'waiting for you' },
  done: { glyph: '✔', style: good, word: 'done' },
  succeeded: { glyph: '✔', style: good, word: 'succeeded' },
  failed: { glyph: '✖', style: bad, word: 'failed' },
  unknown: { glyph: '?', style: wary, word: 'unknown' },
  'rolling back': { glyph: '↩', style: wary, word: 'rolling back' },
  'rolled back': { glyph: '↩', style: {}, word: 'rolled back' },
  'partly rolled back': { glyph: '⚠', style: wary, word: 'partly rolled back' },
  closed: { glyph: '·', style: styles.quiet, word: 'closed' },
  damaged: { glyph: '⚠', style: bad, word: 'damaged' },
};

const itemLooks: Readonly<Record<ItemState['status'], Look>> = {
  open: { glyph: '☐', style: {}, word: 'open' },
  asking: { glyph: '☐', style: busy, word: 'asking' },
  ticked: { glyph: '☑', style: good, word: 'ticked' },
};

const undoLooks: Readonly<Record<UndoState['status'], Look>> = {
  waiting: { glyph: '○', style: {}, word: 'to undo' },
  running: { glyph: '▶', style: busy, word: 'running' },
  verifying: { glyph: '▶', style: busy, word: 'verifying' },
  done: { glyph: '✔', style: good, word: 'undone' },
  failed: { glyph: '✖', style: bad, word: 'failed' },
  unknown: { glyph: '?', style: wary, word: 'unknown' },
  'not needed': { glyph: '✔', style: good, word: 'not needed' },
  'marked done': { glyph: '✔', style: wary, word: 'marked done' },
  skipped: { glyph: '-', style: wary, word: 'skipped' },
};

const paletteColors: Readonly<Record<number, Color>> = {
  1: 'red',
  2: 'green',
  3: 'yellow',
  4: 'blue',
  5: 'magenta',
  6: 'cyan',
};

/** The colour of a source of logs, by its place in the order of appearance, as its lines are painted. */
export function sourceColor(index: number): Color {
  return paletteColors[sourceColours[index % sourceColours.length] ?? 6] ?? 'cyan';
}

/** How a step's status is shown. */
export function stepLook(status: StepStatus): Look {
  return stepLooks[status];
}

/** How the status of a phase or of the run is shown. */
export function overallLook(status: OverallStatus): Look {
  return overallLooks[status];
}

/** How a checklist item is shown. */
export function itemLook(status: ItemState['status']): Look {
  return itemLooks[status];
}

/** How an item of a rollback is shown. */
export function undoLook(status: UndoState['status']): Look {
  return undoLooks[status];
}

/** Every character outside ASCII that the screen draws of its own; all are one cell wide. */
export const screenGlyphs: readonly string[] = [
  ...Array.from('╭╮╰╯─│├┤┬┃✔✖▶○⚠↩⚑☐☑▰▱■◇●▸·•…×–“”↑↓←→⏎↻▁▂▃▄▅▆▇█'),
  // Charts are drawn with dots: two by four a cell.
  ...Array.from({ length: 255 }, (_, dots) => String.fromCharCode(0x2801 + dots)),
];
