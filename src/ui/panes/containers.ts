import type { SystemSnapshot, Watched } from '../../live/system.ts';
import { fitRow, type Row, span, wrapText } from '../spans.ts';
import { marks, styles } from '../theme.ts';
import type { ContainerSort } from '../view-state.ts';
import { borderStyle, edgeRow, sidedRows } from '../widgets/frame.ts';
import { firstVisible } from '../widgets/scroll.ts';
import { columnsFor } from './containers-columns.ts';
import { containerRow, headRow, noSparks, sparksOf } from './containers-rows.ts';
import { countRow, hasRows, shortNames, titleOf, totalRow, troubleLines } from './containers-words.ts';
import { ordered } from './watched-look.ts';

/** What the pane is drawn from. */
export type ContainersView = {
  readonly system: SystemSnapshot;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly focused: boolean;
  /** Key of the selected row; absent, or gone: the first. */
  readonly selected?: string;
  readonly sort: ContainerSort;
  readonly width: number;
  readonly height: number;
  /** How the upper border meets what lies above. */
  readonly top: 'round' | 'joint';
};

/** A drawn pane: `height` rows of `width` cells, and the keys that a selection moves along, in the order of the rows. */
export type DrawnContainers = { readonly rows: readonly Row[]; readonly keys: readonly string[] };

// Where there is room, figures don't touch the border.
const ROOMY = 30;

/** Containers, or processes, one a row, with what they use now and in the last minutes. Pure. */
export function containersPane(view: ContainersView): DrawnContainers {
  const { system, width, height, focused, now } = view;
  const border = borderStyle(focused);
  const joint = view.top === 'joint';
  const watched = ordered(system, view.sort, now);
  const title: Row = [span(titleOf(system), focused ? styles.focusTitle : {})];
  const top = edgeRow(
    { left: joint ? '├' : '╭', right: joint ? '┤' : '╮', title, note: countRow(system, width) },
    width,
    border,
  );
  const isShown = hasRows(system);
  const note = isShown ? totalRow(system, now, width) : [];
  const sorted: Row = isShown && width >= 33 ? [span(`by ${view.sort}`, styles.quiet)] : [];
  const bottom = edgeRow({ left: '╰', right: '╯', title: sorted, note }, width, border);
  const inner = { width: width - 2, height: Math.max(0, height - 2) };
  const { rows, scroll } = isShown
    ? listRows(view, watched, inner)
    : { rows: messageRows(view, inner), scroll: undefined };
  const sides = sidedRows({
    rows,
    width,
    height: inner.height,
    style: border,
    ...(scroll === undefined ? {} : { scroll }),
  });
  return { rows: [top, ...sides, bottom].slice(0, height), keys: isShown ? watched.map(({ key }) => key) : [] };
}

type Size = { readonly width: number; readonly height: number };

/** All that is to be said, in as many rows as there are; what has no room ends in an ellipsis. */
function messageRows({ system, now }: ContainersView, { width, height }: Size): readonly Row[] {
  const rows = troubleLines(system, now).flatMap(({ text, style }) =>
    wrapText(text, width - 2).map((line): Row => [' ', span(line, style)]),
  );
  if (rows.length <= height) return rows;
  return [...rows.slice(0, height - 1), [' ', span(`${marks.asking} z shows all of it`, styles.quiet)]];
}

function listRows(
  view: ContainersView,
  watched: readonly Watched[],
  { width, height }: Size,
): { readonly rows: readonly Row[]; readonly scroll: { readonly rows: number; readonly first: number } } {
  const { system, now } = view;
  const [trouble] = troubleLines(system, now);
  const above: readonly Row[] = trouble === undefined || height < 3 ? [] : [[' ', trouble]];
  const columns = columnsFor(watched, width >= ROOMY ? width - 1 : width);
  const sparks = sparksOf(view, watched, columns);
  const head = height - above.length < 3 ? [] : [headRow(columns, sparks)];
  const room = Math.max(1, height - above.length - head.length);
  const selected = Math.max(
    0,
    watched.findIndex(({ key }) => key === view.selected),
  );
  const first = firstVisible({ rows: watched.length, height: room, selected });
  const names = shortNames(watched, columns.name);
  const rows = watched.slice(first, first + room).map((one, index) => {
    const isSelected = view.focused && first + index === selected;
    return containerRow({ history: system.history, now }, one, {
      columns,
      sparks: sparks.of.get(one.key) ?? noSparks,
      isSelected,
      name: names.get(one.key) ?? one.name,
    });
  });
  const fixed = above.length + head.length;
  return {
    rows: [...above, ...head, ...rows].map((row) => fitRow(row, width)),
    scroll: { rows: watched.length + fixed, first },
  };
}
