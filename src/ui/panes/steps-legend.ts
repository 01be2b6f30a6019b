import { durationText } from '../../run/sentences.ts';
import { cut, fitRow, type Row, span } from '../spans.ts';
import { styles } from '../theme.ts';
import type { StepMark } from './chart-time.ts';

const CELLS_A_STEP = 38;

/** Rows in which all steps have room. */
export function legendRowsWanted(steps: number, width: number): number {
  return Math.ceil(steps / columnsOf(width));
}

/** The numbers of charts with the steps they stand for; where there is no room for all, the last ones. Pure. */
export function legendRows(
  { marks, now }: { readonly marks: readonly StepMark[]; readonly now: number },
  width: number,
  height: number,
): readonly Row[] {
  const columns = columnsOf(width);
  const room = columns * height;
  const first = Math.max(0, marks.length - room);
  // Where some are left out, one place says so.
  const from = first === 0 ? 0 : first + 1;
  const cells = Math.floor((width - 1) / columns);
  const entries = marks.slice(from).map((mark, index) => entry(mark, { number: from + index + 1, now, cells }));
  const all: readonly Row[] = first === 0 ? entries : [[span(` … ${from} earlier ones`, styles.quiet)], ...entries];
  return Array.from({ length: height }, (_, row) =>
    all.slice(row * columns, (row + 1) * columns).flatMap((one) => fitRow(one, cells)),
  );
}

function entry(
  { at, until, label, glyph }: StepMark,
  { number, now, cells }: { readonly number: number; readonly now: number; readonly cells: number },
): Row {
  const took = durationText((until ?? now) - at);
  const head = `${number}`.padStart(3);
  return [span(head, styles.strong), ` ${glyph} ${cut(label, cells - took.length - 8)} `, span(took, styles.quiet)];
}

function columnsOf(width: number): number {
  return Math.max(1, Math.floor(width / CELLS_A_STEP));
}
