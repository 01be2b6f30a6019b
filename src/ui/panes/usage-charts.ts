import type { Stretch, UsageFigure, Watched } from '../../live/system.ts';
import { cpuScale, memoryScale } from '../../live/usage-scale.ts';
import { cpuText, memoryText } from '../../live/usage-text.ts';
import { type Row, span } from '../spans.ts';
import { styles } from '../theme.ts';
import type { ZoomedView } from './containers-zoomed.ts';
import { leastChartRows, plotWidth, usageChart } from './usage-chart.ts';

const LEAST_STRETCH_MS = 60_000;
const SIDE_BY_SIDE_FROM = 76;
const SAYS_DOTTED_FROM = 46;
const STACKED_FROM_ROWS = 2 * 11;

/** CPU and memory, beside each other or one above the other. */
export function usageCharts(
  view: ZoomedView,
  watched: Watched,
  size: { readonly width: number; readonly height: number },
): readonly Row[] {
  const { width, height } = size;
  if (height < leastChartRows) return [];
  const isStacked = width < SIDE_BY_SIDE_FROM || height >= STACKED_FROM_ROWS;
  if (isStacked) {
    const upper = Math.floor(height / 2);
    const cpu = cpuChart(view, watched, { width, height: upper });
    return [...cpu, ...memoryChart(view, watched, { width, height: height - upper })];
  }
  const left = Math.floor((width - 1) / 2);
  const cpu = cpuChart(view, watched, { width: left, height });
  const memory = memoryChart(view, watched, { width: width - left - 1, height });
  return cpu.map((row, index) => [...row, ' ', ...(memory[index] ?? [])]);
}

type Size = { readonly width: number; readonly height: number };

function cpuChart(view: ZoomedView, watched: Watched, size: Size): readonly Row[] {
  const { stretch, values } = overTime(view, watched, { figure: 'cpuPercent', width: size.width });
  const level = view.baseline.get(watched.key)?.cpuPercent.before?.value;
  const top = cpuScale([...values, level]);
  const title: Row = [' ', span('CPU', styles.strong), ', % of one core', ...dotted(level, cpuText, size.width)];
  return usageChart({
    ...view,
    ...size,
    title,
    values,
    stretch,
    top,
    label: cpuText,
    ...(level === undefined ? {} : { level }),
  });
}

function memoryChart(view: ZoomedView, watched: Watched, size: Size): readonly Row[] {
  const { stretch, values } = overTime(view, watched, { figure: 'memoryBytes', width: size.width });
  const level = view.baseline.get(watched.key)?.memoryBytes.before?.value;
  const limit = view.system.history.latest(watched.key)?.memoryLimitBytes;
  const { top } = memoryScale([...values, level], limit);
  const against = limit === undefined ? '' : `, limit ${memoryText(limit)}`;
  const title: Row = [' ', span('Memory', styles.strong), against, ...dotted(level, memoryText, size.width)];
  return usageChart({
    ...view,
    ...size,
    title,
    values,
    stretch,
    top,
    label: memoryText,
    ...(level === undefined ? {} : { level }),
  });
}

function dotted(level: number | undefined, text: (value: number) => string, width: number): Row {
  if (level === undefined) return [];
  return [' · ', span(`was ${text(level)}${width < SAYS_DOTTED_FROM ? '' : ' (dotted)'}`, { color: 'yellow' })];
}

function overTime(
  { system, now, fromAt }: ZoomedView,
  watched: Watched,
  of: { readonly figure: UsageFigure; readonly width: number },
): { readonly stretch: Stretch; readonly values: readonly (number | undefined)[] } {
  const begin = fromAt ?? system.history.firstAt() ?? now;
  const stretch = { fromAt: Math.min(begin, now - LEAST_STRETCH_MS), toAt: now };
  return { stretch, values: system.history.slots(watched.key, of.figure, stretch, plotWidth(of.width) * 2) };
}
