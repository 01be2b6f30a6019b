import type { Baseline } from '../../live/baseline.ts';
import type { SystemSnapshot, Usage, UsageFigure, Watched } from '../../live/system.ts';
import { cpuText, memoryText, rateText } from '../../live/usage-text.ts';
import { cut, fitRow, type Row, type Span, type Style, span, widthOf } from '../spans.ts';
import { marks, styles } from '../theme.ts';
import { isNearlyFull, usageNow, watchedLook } from './watched-look.ts';

/** What the table of all figures is made of. */
export type TableInput = {
  readonly system: SystemSnapshot;
  readonly watched: readonly Watched[];
  readonly now: number;
  readonly baseline: ReadonlyMap<string, Baseline>;
  readonly clock: (at: number) => string;
  readonly width: number;
};

/** What is known of one row. */
type Facts = { readonly watched: Watched; readonly usage: Usage | undefined; readonly input: TableInput };

type Column = {
  readonly head: string;
  readonly cell: (facts: Facts) => Span;
  /** Figures stand at the right, words at the left. */
  readonly side: 'left' | 'right';
  readonly most: number;
};

const GAP = 2;
const LEAD = 3;
const RATE_MS = 10_000;
const NONE = span('–', styles.quiet);

/** In the order in which they stand; the number says which goes first where it is narrow: the highest. */
const columns: readonly (Column & { readonly rank: number })[] = [
  { rank: 0, head: '', side: 'left', most: 28, cell: ({ watched }) => span(watched.name) },
  { rank: 3, head: 'state', side: 'left', most: 15, cell: ({ watched }) => stateCell(watched) },
  { rank: 7, head: 'restarts', side: 'right', most: 8, cell: ({ watched }) => restartsCell(watched) },
  { rank: 10, head: 'since', side: 'right', most: 8, cell: ({ watched, input }) => sinceCell(watched, input) },
  { rank: 12, head: 'image', side: 'left', most: 30, cell: ({ watched }) => span(watched.image ?? '–', styles.quiet) },
  { rank: 1, head: 'cpu', side: 'right', most: 6, cell: ({ usage }) => figure(usage?.cpuPercent, cpuText) },
  { rank: 4, head: 'was', side: 'right', most: 6, cell: (facts) => before(facts, 'cpuPercent', cpuText) },
  { rank: 2, head: 'memory', side: 'right', most: 10, cell: ({ usage }) => memoryCell(usage) },
  { rank: 6, head: 'limit', side: 'right', most: 9, cell: ({ usage }) => figure(usage?.memoryLimitBytes, memoryText) },
  { rank: 5, head: 'was', side: 'right', most: 9, cell: (facts) => before(facts, 'memoryBytes', memoryText) },
  { rank: 8, head: 'net in', side: 'right', most: 10, cell: (facts) => rate(facts, 'receivedBytesPerSecond') },
  { rank: 8, head: 'net out', side: 'right', most: 10, cell: (facts) => rate(facts, 'sentBytesPerSecond') },
  { rank: 11, head: 'read', side: 'right', most: 10, cell: (facts) => rate(facts, 'readBytesPerSecond') },
  { rank: 11, head: 'written', side: 'right', most: 10, cell: (facts) => rate(facts, 'writtenBytesPerSecond') },
  { rank: 9, head: 'pids', side: 'right', most: 5, cell: ({ usage }) => figure(usage?.pids, String) },
];

/** The head and one row a container, with as many columns as have room. `marker` is put before the selected one. Pure. */
export function usageTable(
  input: TableInput,
  selectedKey: string | undefined,
): { readonly head: Row; readonly rows: readonly Row[] } {
  const facts = input.watched.map(
    (watched): Facts => ({ watched, input, usage: usageNow(input.system.history, watched, input.now) }),
  );
  const known = columns
    .map((column) => ({ ...column, cells: facts.map(column.cell) }))
    // What no row has is left out: processes have no image.
    .filter(({ cells, rank }) => rank < 3 || cells.some(({ text }) => text !== '–' && text !== ''))
    .map((column) => ({ ...column, width: widthFor(column, column.cells) }));
  const shown = fitting(known, input.width - LEAD - 1);
  const line = (cells: readonly Span[]): Row =>
    shown.flatMap((column, index): Row => {
      const cell = cells[index] ?? NONE;
      const text = cut(cell.text, column.width);
      const pad = ' '.repeat(column.width - widthOf(text));
      const gap = index === 0 ? '' : ' '.repeat(GAP);
      return column.side === 'left' ? [gap, span(text, cell.style), pad] : [gap, pad, span(text, cell.style)];
    });
  const head = line(shown.map((column) => span(column.head, styles.quiet)));
  return {
    head: fitRow([' '.repeat(LEAD), ...head], input.width),
    rows: facts.map(({ watched }, row) => {
      const look = watchedLook(watched);
      const isSelected = watched.key === selectedKey;
      const marker: Span | string = isSelected ? span(marks.selected, styles.focus) : ' ';
      const cells = shown.map((column, index) => {
        const cell = column.cells[row] ?? NONE;
        return index === 0 && isSelected ? span(cell.text, styles.strong) : cell;
      });
      return fitRow([marker, span(look.glyph, look.style), ' ', ...line(cells)], input.width);
    }),
  };
}

/** A rate over the last seconds; undefined: it was not measured. */
export function rateNow(
  { system, now }: Pick<TableInput, 'system' | 'now'>,
  key: string,
  of: UsageFigure,
): number | undefined {
  return system.history.mean(key, of, { fromAt: now - RATE_MS, toAt: now })?.value;
}

function widthFor(column: Column, cells: readonly Span[]): number {
  const widest = Math.max(widthOf(column.head), ...cells.map(({ text }) => widthOf(text)));
  // Figures change their digits all the time: their columns stand still.
  return column.side === 'right' && column.head !== 'restarts' ? column.most : Math.min(column.most, widest);
}

function fitting<T extends { readonly width: number; readonly rank: number }>(
  all: readonly T[],
  width: number,
): readonly T[] {
  let shown = all;
  while (shown.length > 1 && shown.reduce((sum, column) => sum + column.width + GAP, -GAP) > width) {
    const highest = Math.max(...shown.map(({ rank }) => rank));
    shown = shown.filter(({ rank }) => rank !== highest);
  }
  return shown;
}

function figure(value: number | undefined, text: (value: number) => string, style: Style = {}): Span {
  return value === undefined ? NONE : span(text(value), style);
}

function before({ watched, input }: Facts, of: keyof Baseline, text: (value: number) => string): Span {
  return figure(input.baseline.get(watched.key)?.[of].before?.value, text, styles.quiet);
}

function rate({ watched, usage, input }: Facts, of: UsageFigure): Span {
  return usage === undefined ? NONE : figure(rateNow(input, watched.key, of), rateText);
}

function stateCell(watched: Watched): Span {
  const look = watchedLook(watched);
  return span(look.word, look.style);
}

function restartsCell({ restarts }: Watched): Span {
  return restarts > 0 ? span(String(restarts), styles.wary) : NONE;
}

function sinceCell({ startedAt, state }: Watched, { clock }: TableInput): Span {
  return startedAt === undefined || state !== 'running' ? NONE : span(clock(startedAt));
}

function memoryCell(usage: Usage | undefined): Span {
  if (usage === undefined) return NONE;
  const isScarce = isNearlyFull(usage);
  return span(`${isScarce ? marks.warning : ''}${memoryText(usage.memoryBytes)}`, isScarce ? styles.bad : {});
}
