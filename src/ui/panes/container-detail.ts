import { type Baseline, baselineMs, type Comparison } from '../../live/baseline.ts';
import type { UsageFigure, Watched } from '../../live/system.ts';
import { comparisonText, cpuText, memoryText, rateText } from '../../live/usage-text.ts';
import { type Row, rowWidth, span, wrapText } from '../spans.ts';
import { styles } from '../theme.ts';
import type { ZoomedView } from './containers-zoomed.ts';
import { rateNow } from './usage-table.ts';
import { usageNow, watchedLook } from './watched-look.ts';

/** Which container is told of, and how it stands; while nobody can say, only which. */
export function headline({ clock }: ZoomedView, watched: Watched, isCurrent: boolean): Row {
  const name = span(watched.name, styles.strong);
  if (!isCurrent) return [name, ' as it was measured before'];
  const look = watchedLook(watched);
  const since =
    watched.startedAt !== undefined && watched.state === 'running' ? ` since ${clock(watched.startedAt)}` : '';
  const memory = watched.isOutOfMemory && watched.state === 'running' ? ' · was out of memory' : '';
  const image = watched.image === undefined ? '' : ` · ${watched.image}`;
  return [name, ' · ', span(`${look.glyph} ${look.word}`, look.style), `${since}${memory}${image}`];
}

/** All figures of one container, whatever columns the table has room for. */
export function detailRows(view: ZoomedView, watched: Watched, width: number): readonly Row[] {
  const usage = usageNow(view.system.history, watched, view.now);
  const limit = usage?.memoryLimitBytes === undefined ? '' : `, limit ${memoryText(usage.memoryLimitBytes)}`;
  const { restarts } = watched;
  const parts = [
    `CPU ${against(view, watched, 'cpuPercent', usage?.cpuPercent)}`,
    `memory ${against(view, watched, 'memoryBytes', usage?.memoryBytes)}${limit}`,
    ...rates(view, watched, ['network in', 'receivedBytesPerSecond', 'out', 'sentBytesPerSecond']),
    ...rates(view, watched, ['disk read', 'readBytesPerSecond', 'written', 'writtenBytesPerSecond']),
    ...(usage?.pids === undefined ? [] : [`${usage.pids} pids`]),
    ...(restarts === 0 ? [] : [restarts === 1 ? 'restarted once' : `restarted ${restarts} times`]),
  ];
  return flowed(parts, width - 2).map((text) => [' ', text]);
}

/** What “was” means, and how much of it was measured. */
export function wasNote({ baseline, phaseStartedAt, clock }: ZoomedView, { key }: Watched): Row {
  const own = baseline.get(key);
  const covered = own?.cpuPercent.before?.coveredMs ?? own?.memoryBytes.before?.coveredMs;
  if (phaseStartedAt === undefined || covered === undefined) return [];
  const measured = covered > baselineMs * 0.95 ? '' : `, ${Number((covered / 60_000).toFixed(1))} measured`;
  return [span(`was: ${baselineMs / 60_000} min before ${clock(phaseStartedAt)}${measured}`, styles.quiet)];
}

/** Now against before; before a phase began there is only now. */
function against(
  { baseline, phaseStartedAt }: ZoomedView,
  watched: Watched,
  figure: keyof Baseline,
  latest: number | undefined,
): string {
  const text = figure === 'cpuPercent' ? cpuText : memoryText;
  const known: Comparison = baseline.get(watched.key)?.[figure] ?? {};
  const now = known.now?.value ?? latest;
  if (phaseStartedAt === undefined) return now === undefined ? 'not measured' : text(now);
  return comparisonText(now === undefined ? known : { ...known, now: { value: now, coveredMs: 0 } }, figure);
}

function rates(
  view: ZoomedView,
  watched: Watched,
  [first, firstFigure, second, secondFigure]: readonly [string, UsageFigure, string, UsageFigure],
): readonly string[] {
  if (watched.state !== 'running') return [];
  const text = (figure: UsageFigure): string | undefined => {
    const value = rateNow(view, watched.key, figure);
    return value === undefined ? undefined : rateText(value);
  };
  const [one, other] = [text(firstFigure), text(secondFigure)];
  // Processes have none, and a container only from its second measurement on.
  return one === undefined && other === undefined ? [] : [`${first} ${one ?? '–'} ${second} ${other ?? '–'}`];
}

/** Parts in lines, divided between them and not within. */
function flowed(parts: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const longer = last === undefined ? part : `${last} · ${part}`;
    if (last !== undefined && rowWidth([longer]) <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines.flatMap((line) => wrapText(line, width));
}
