import type { Baseline } from '../../live/baseline.ts';
import type { DrawChart } from '../../live/line-chart.ts';
import type { Watched } from '../../live/system.ts';
import { type Row, span, wrapText } from '../spans.ts';
import { styles } from '../theme.ts';
import { borderStyle, edgeRow, sidedRows } from '../widgets/frame.ts';
import { firstVisible } from '../widgets/scroll.ts';
import type { StepMark } from './chart-time.ts';
import { detailRows, headline, wasNote } from './container-detail.ts';
import type { ContainersView, DrawnContainers } from './containers.ts';
import { countRow, hasRows, titleOf, totalRow, troubleLines } from './containers-words.ts';
import { legendRows, legendRowsWanted } from './steps-legend.ts';
import { leastChartRows } from './usage-chart.ts';
import { usageCharts } from './usage-charts.ts';
import { usageTable } from './usage-table.ts';
import { ordered } from './watched-look.ts';

/** What the zoomed pane is drawn from. */
export type ZoomedView = ContainersView & {
  /** When each step began and ended, in the order in which they began. */
  readonly marks: readonly StepMark[];
  /** When the first attempt of the phase began, on which the baseline stands; absent: none did. */
  readonly phaseStartedAt?: number;
  readonly baseline: ReadonlyMap<string, Baseline>;
  /** Where charts begin; absent: with the first measurement. */
  readonly fromAt?: number;
  /** A time of day as `HH:MM:SS`. */
  readonly clock: (at: number) => string;
  /** Absent: still being loaded. */
  readonly drawChart?: DrawChart;
};

/** Every figure of every container, and below it what the selected one used over the whole run. Pure. */
export function containersZoomed(view: ZoomedView): DrawnContainers {
  const { system, width, height, now } = view;
  const watched = ordered(system, view.sort, now);
  const isShown = hasRows(system);
  const isMeasured = isShown || (system.kind === 'containers' && system.history.firstAt() !== undefined);
  const selected = isMeasured ? (watched.find(({ key }) => key === view.selected) ?? watched[0]) : undefined;
  const inner = width - 2;
  const trouble = troubleLines(system, now).flatMap(({ text, style }) =>
    wrapText(text, inner - 2).map((line): Row => [' ', span(line, style)]),
  );
  const detail = selected === undefined || !isShown ? [] : detailRows(view, selected, inner);
  const room = divided(view, { trouble: trouble.length, rows: isShown ? watched.length : 0, detail: detail.length });
  const table = isShown ? tableRows(view, watched, { selected, height: room.table }) : { rows: [], first: 0 };
  const border = borderStyle(view.focused);
  const sides = (rows: readonly Row[], count: number, scroll?: { readonly rows: number; readonly first: number }) =>
    sidedRows({ rows, width, height: count, style: border, ...(scroll === undefined ? {} : { scroll }) });
  const above = [
    edges(view).top,
    ...sides(trouble, room.trouble),
    ...sides(table.rows, room.table, { rows: watched.length + 1, first: table.first }),
  ];
  const { bottom } = edges(view);
  const keys = isShown ? watched.map(({ key }) => key) : [];
  if (selected === undefined) return { rows: [...above, ...sides([], room.rest + 1), bottom].slice(0, height), keys };
  const title = headline(view, selected, isShown);
  const below = [
    ...detail,
    ...usageCharts(view, selected, { width: inner - 1, height: room.charts }),
    ...legendRows(view, inner, room.legend),
  ];
  const middle = edgeRow({ left: '├', right: '┤', title, note: wasNote(view, selected) }, width, border);
  return { rows: [...above, middle, ...sides(below, room.rest), bottom].slice(0, height), keys };
}

function edges(view: ZoomedView): { readonly top: Row; readonly bottom: Row } {
  const { system, width, focused, now } = view;
  const border = borderStyle(focused);
  const joint = view.top === 'joint';
  const isShown = hasRows(system);
  const title: Row = [
    span(titleOf(system), focused ? styles.focusTitle : {}),
    ...(isShown ? [span(` · by ${view.sort}`, styles.quiet)] : []),
  ];
  const ends = { left: joint ? '├' : '╭', right: joint ? '┤' : '╮' };
  const note = isShown ? totalRow(system, now, width) : [];
  return {
    top: edgeRow({ ...ends, title, note: countRow(system, width) }, width, border),
    bottom: edgeRow({ left: '╰', right: '╯', title: [], note }, width, border),
  };
}

/** How many rows each part gets; together with both edges and the one between they are `height`. */
function divided(
  { height, width, marks }: ZoomedView,
  wanted: { readonly trouble: number; readonly rows: number; readonly detail: number },
): Readonly<Record<'trouble' | 'table' | 'charts' | 'legend' | 'rest', number>> {
  const all = Math.max(0, height - 3);
  const trouble = Math.min(wanted.trouble, all);
  const free = all - trouble - wanted.detail;
  const legend = Math.max(0, Math.min(legendRowsWanted(marks.length, width - 2), Math.max(1, Math.floor(free * 0.15))));
  const most = Math.max(3, Math.min(Math.floor((free - legend) * 0.45), free - legend - leastChartRows - 1)) + 1;
  const table = wanted.rows === 0 ? 0 : Math.max(0, Math.min(wanted.rows + 1, most, all - trouble));
  const rest = all - trouble - table;
  return { trouble, table, legend, rest, charts: Math.max(0, rest - wanted.detail - legend) };
}

function tableRows(
  view: ZoomedView,
  watched: readonly Watched[],
  at: { readonly selected: Watched | undefined; readonly height: number },
): { readonly rows: readonly Row[]; readonly first: number } {
  const { system, now, baseline, clock } = view;
  const table = usageTable({ system, watched, now, baseline, clock, width: view.width - 2 }, at.selected?.key);
  const room = Math.max(0, at.height - 1);
  const index = at.selected === undefined ? 0 : watched.indexOf(at.selected);
  const first = firstVisible({ rows: watched.length, height: room, selected: index });
  return { rows: [table.head, ...table.rows.slice(first, first + room)], first };
}
