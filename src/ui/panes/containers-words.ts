import type { SystemSnapshot, Watched } from '../../live/system.ts';
import { cpuText, memoryText, shortCpuText, shortMemoryText } from '../../live/usage-text.ts';
import { cut, type Row, type Span, span, widthOf } from '../spans.ts';
import { marks, styles } from '../theme.ts';
import { isWell, usageNow } from './watched-look.ts';

const WIDE = 60;

/** What the rows are. */
export function titleOf(system: SystemSnapshot): string {
  return system.kind === 'processes' ? 'Processes' : 'Containers';
}

/** How many do well: `3/4 healthy`; short where the pane is narrow. Empty: nothing is known. */
export function countRow(system: SystemSnapshot, width: number): Row {
  const { status, watched, kind } = system;
  if (kind === 'containers' && status.kind === 'down') return [span(`${marks.warning} down`, styles.bad)];
  if (watched.length === 0) return [];
  if (kind === 'processes') return [`${watched.length} running`];
  const well = watched.filter(isWell).length;
  const style = well === watched.length ? {} : styles.bad;
  const hasHealth = watched.some((one) => one.health !== undefined);
  const count = `${well}/${watched.length}`;
  const word = hasHealth ? 'healthy' : 'running';
  return [span(width < 34 ? `${count} ${hasHealth ? marks.yes : '●'}` : `${count} ${word}`, style)];
}

/** What all of them use together. Empty: nothing was measured. */
export function totalRow(system: SystemSnapshot, now: number, width: number): Row {
  const usages = system.watched.flatMap((watched) => usageNow(system.history, watched, now) ?? []);
  if (usages.length === 0) return [];
  const cpu = usages.reduce((sum, usage) => sum + (usage.cpuPercent ?? 0), 0);
  const memory = usages.reduce((sum, usage) => sum + usage.memoryBytes, 0);
  if (width < WIDE) return [`all ${shortCpuText(cpu)} ${shortMemoryText(memory)}`];
  const running = system.watched.filter((one) => one.state === 'running').length;
  return [`${running} running · CPU ${cpuText(cpu)} · memory ${memoryText(memory)}`];
}

/**
 * Why there are no rows, or why they are not of containers, and what could not be kept: sentences in the order in which
 * they matter. Empty: all is well.
 */
export function troubleLines(system: SystemSnapshot, now: number): readonly Span[] {
  const { notice } = system;
  return [
    ...statusLines(system, now),
    ...(notice === undefined ? [] : [span(`${marks.warning} ${notice}`, styles.wary)]),
  ];
}

function statusLines({ status, kind, watched }: SystemSnapshot, now: number): readonly Span[] {
  switch (status.kind) {
    case 'none':
      return watched.length > 0
        ? [span('No containers are asked for.', styles.quiet)]
        : [span('No containers are asked for, and no step or service runs.', styles.quiet)];
    case 'connecting':
      return [span('Asking the engine for its containers …', styles.quiet)];
    case 'up':
      return watched.length > 0 ? [] : [span('There is no container yet.', styles.quiet)];
    case 'down':
      return [
        span(`${marks.warning} ${status.why}`, styles.wary),
        span(status.advice, {}),
        span(retryText(status.retryAt, now), styles.quiet),
        ...(kind === 'processes' && watched.length === 0 ? [span('No step or service runs.', styles.quiet)] : []),
      ];
    default:
      return status satisfies never;
  }
}

/** Whether the rows of a snapshot are current. */
export function hasRows({ status, kind, watched }: SystemSnapshot): boolean {
  return watched.length > 0 && (kind === 'processes' || status.kind === 'up');
}

/** Names cut so that no two look the same: at the end, or where that is not enough in the middle. */
export function shortNames(watched: readonly Watched[], width: number): ReadonlyMap<string, string> {
  const ends = watched.map(({ name }) => cut(name, width));
  const isUnique = new Set(ends).size === new Set(watched.map(({ name }) => name)).size;
  return new Map(
    watched.map(({ key, name }, index) => [key, isUnique ? (ends[index] ?? name) : cutMiddle(name, width)]),
  );
}

function cutMiddle(name: string, width: number): string {
  if (widthOf(name) <= width || width < 5) return cut(name, width);
  const head = cut(name, Math.ceil(width / 2));
  const tailLength = width - widthOf(head);
  return `${head}${name.slice(-tailLength)}`;
}

function retryText(retryAt: number, now: number): string {
  const seconds = Math.ceil((retryAt - now) / 1000);
  return seconds > 0 ? `Tried again in ${seconds} s.` : 'Being tried again now.';
}
