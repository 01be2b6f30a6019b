import type { SystemSnapshot, Usage, UsageHistory, Watched } from '../../live/system.ts';
import { cpuScale, memoryScale } from '../../live/usage-scale.ts';
import { shortCpuText, shortMemoryText } from '../../live/usage-text.ts';
import { cut, fitRow, type Row, type Span, span } from '../spans.ts';
import { marks, styles } from '../theme.ts';
import { sparkline } from '../widgets/sparkline.ts';
import { type Columns, leadCells, wideMemoryCells } from './containers-columns.ts';
import { isNearlyFull, usageNow, watchedLook } from './watched-look.ts';

/** The bars of one row. */
export type RowSparks = { readonly cpu: string; readonly memory: string };

/** The bars of all rows, with what their scales say. */
export type Sparks = {
  readonly cpuLabel: string;
  readonly memoryLabel: string;
  readonly windowMs: number;
  readonly of: ReadonlyMap<string, RowSparks>;
};

/** Of a row of which nothing was measured. */
export const noSparks: RowSparks = { cpu: '', memory: '' };

const LEAST_WINDOW_MS = 150_000;
const SPARK_STEPS_MS = [5_000, 10_000, 15_000, 20_000, 30_000, 60_000] as const;

/** All on one scale of CPU and one stretch of time, whose slots stand still while time goes on. */
export function sparksOf(
  { system, now }: { readonly system: SystemSnapshot; readonly now: number },
  watched: readonly Watched[],
  columns: Columns,
): Sparks {
  const { history } = system;
  const count = Math.max(0, columns.spark - 1);
  const stepMs = SPARK_STEPS_MS.find((ms) => ms * count >= LEAST_WINDOW_MS) ?? 60_000;
  const windowMs = stepMs * count;
  if (count === 0) return { cpuLabel: '', memoryLabel: '', windowMs, of: new Map() };
  // The last slot is one in which there was time to measure: an empty one would look like a gap.
  const lastAt = Math.max(...watched.map(({ key }) => history.latest(key)?.at ?? 0));
  const until = now - lastAt > stepMs ? now : Math.min(now, lastAt);
  const toAt = Math.ceil(until / stepMs) * stepMs;
  const stretch = { fromAt: toAt - windowMs, toAt };
  const cpu = watched.map(({ key }) => history.slots(key, 'cpuPercent', stretch, count));
  const top = cpuScale(cpu.flat());
  const isBoth = columns.memorySpark > 0;
  const memory = isBoth ? watched.map(({ key }) => history.slots(key, 'memoryBytes', stretch, count)) : [];
  const scales = memory.map((values, index) => memoryScale(values, limitOf(history, watched[index])));
  // Those without a limit have one scale, so that they can be compared; twice as high, since a full bar means a full memory.
  const free = Math.max(0, ...scales.filter(({ isLimit }) => !isLimit).map((scale) => scale.top * 2));
  const bars = watched.map(({ key }, index): readonly [string, RowSparks] => {
    const scale = scales[index];
    const memoryTop = scale?.isLimit ? scale.top : free;
    return [key, { cpu: sparkline(cpu[index] ?? [], top), memory: sparkline(memory[index] ?? [], memoryTop) }];
  });
  return {
    cpuLabel: cpuLabel(top, { cells: columns.spark, windowMs }),
    memoryLabel: isBoth
      ? memoryLabel(
          free,
          scales.some(({ isLimit }) => isLimit),
        )
      : '',
    windowMs,
    of: new Map(bars),
  };
}

/** What the columns are, and the scales of the bars above their right ends. */
export function headRow(columns: Columns, sparks: Sparks): Row {
  const before = leadCells + columns.name + columns.restarts + columns.spark;
  const text = [
    sparks.cpuLabel.padStart(before),
    'cpu'.padStart(columns.cpu),
    sparks.memoryLabel.padStart(columns.memorySpark),
    columns.memory === 0 ? '' : 'mem'.padStart(columns.memory),
  ].join('');
  return [span(text, styles.quiet)];
}

/** One container: how it stands, its bars, what it uses now; one that does not run has the word for that instead. */
export function containerRow(
  { history, now }: { readonly history: UsageHistory; readonly now: number },
  watched: Watched,
  at: { readonly columns: Columns; readonly sparks: RowSparks; readonly isSelected: boolean; readonly name: string },
): Row {
  const { columns, isSelected, sparks } = at;
  const look = watchedLook(watched);
  const marker: Span | string = isSelected ? span(marks.selected, styles.focus) : ' ';
  const name = fitRow([span(at.name, isSelected ? styles.strong : {})], columns.name);
  const restarts = columns.restarts === 0 ? [] : [restartsCell(watched.restarts, columns.restarts)];
  const cpuBars = span(sparks.cpu.padStart(columns.spark), styles.focus);
  const memoryBars = span(sparks.memory.padStart(columns.memorySpark), { color: 'magenta' });
  const left: Row = [marker, span(look.glyph, look.style), ' ', ...name, ...restarts];
  if (watched.state === 'running') {
    const { cpu, memory } = figureCells(usageNow(history, watched, now), columns);
    return [...left, cpuBars, cpu, memoryBars, memory];
  }
  const room = columns.cpu + columns.memorySpark + columns.memory;
  // A word that has no room beside the bars takes theirs.
  const keepsBars = look.word.length < room;
  const cells = keepsBars ? room : room + columns.spark;
  const word = span(cut(look.word, cells - 1).padStart(cells), look.style);
  return [...left, ...(keepsBars ? [cpuBars] : []), word];
}

function restartsCell(restarts: number, width: number): Span {
  const text = restarts === 0 ? '' : `↻${restarts > 99 ? '!' : restarts}`;
  return span(text.padStart(width), styles.wary);
}

function figureCells(usage: Usage | undefined, columns: Columns): { readonly cpu: string; readonly memory: Span } {
  const cpu = (usage?.cpuPercent === undefined ? '–' : shortCpuText(usage.cpuPercent)).padStart(columns.cpu);
  if (columns.memory === 0) return { cpu, memory: span('') };
  if (usage === undefined) return { cpu, memory: span('–'.padStart(columns.memory)) };
  const { memoryBytes, memoryLimitBytes } = usage;
  const isScarce = isNearlyFull(usage);
  const limit =
    memoryLimitBytes === undefined || columns.memory < wideMemoryCells ? '' : `/${shortMemoryText(memoryLimitBytes)}`;
  const memory = `${isScarce ? marks.warning : ''}${shortMemoryText(memoryBytes)}${limit}`;
  return { cpu, memory: span(cut(memory, columns.memory - 1).padStart(columns.memory), isScarce ? styles.bad : {}) };
}

function cpuLabel(top: number, at: { readonly cells: number; readonly windowMs: number }): string {
  const minutes = Number((at.windowMs / 60_000).toFixed(1));
  const labels = [`0–${top} % of one core, ${minutes} min`, `0–${top} %, ${minutes} min`, `0–${top} %`, `0–${top}%`];
  return labels.find((label) => label.length < at.cells) ?? `0–${top}%`;
}

function memoryLabel(free: number, hasLimits: boolean): string {
  if (!hasLimits) return `0–${shortMemoryText(free)}`;
  return free === 0 ? 'of limit' : `of limit or ${shortMemoryText(free)}`;
}

function limitOf(history: UsageHistory, watched: Watched | undefined): number | undefined {
  return watched === undefined ? undefined : history.latest(watched.key)?.memoryLimitBytes;
}
