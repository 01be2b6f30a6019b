import type { Rect } from '../live/cells.ts';
import { centred, inside } from './rect.ts';

/** Panes that take the focus. A new one is one more name here and one more part of `body`. */
export type PaneId = 'phases' | 'steps' | 'output' | 'containers' | 'logs';

/** The least the screen needs. */
export const leastSize = { columns: 60, rows: 16 } as const;

/** Narrower than that the phases are a strip below the header. */
export const columnFromColumns = 100;
/** Below that the panes for containers and logs take turns with the output instead of lying beside it. */
const besideFromRows = 26;
/** Rows of the phases' column beside one a phase: the open card, the lower edge, a gap and what it says of the way back. */
const phaseExtraRows = 5;
const leastContainersRows = 6;

export type LayoutInput = {
  readonly columns: number;
  readonly rows: number;
  readonly focus: PaneId;
  /** The focused pane fills the body. */
  readonly zoom: boolean;
  /** Number of phases. */
  readonly phases: number;
  /** Rows of the longest list of any phase: the same for the whole run, so that nothing jumps from phase to phase. */
  readonly listRows: number;
  /** Rows that the details above the output want. */
  readonly detailRows: number;
  /** There is output to show. */
  readonly output: boolean;
  /** There is something whose lines can be followed. */
  readonly logs: boolean;
  /** Rows below the header that say something that concerns everything; 0: nothing. At most `mostWrappedRows` are had. */
  readonly banner: number;
};

/** Where a pane lies and how its border joins its neighbours. */
export type PlacedPane =
  | { readonly id: 'phases'; readonly shape: 'column' | 'strip' | 'list'; readonly rect: Rect }
  /** `open`: the pane below closes it. */
  | { readonly id: 'steps'; readonly rect: Rect; readonly bottom: 'closed' | 'open'; readonly content: Rect }
  | {
      readonly id: 'output';
      readonly rect: Rect;
      readonly top: 'round' | 'joint';
      /** What is said about the step, above its output. */
      readonly detail: Rect;
      /** The row between details and output; absent where one of them is. */
      readonly divider?: Rect;
      /** Where output is painted; absent where none is. */
      readonly hole?: Rect;
      /** All inside of the border: the size of the pseudo-terminals. */
      readonly content: Rect;
    }
  | { readonly id: 'containers'; readonly rect: Rect; readonly top: 'round' | 'joint'; readonly zoomed: boolean }
  /** `hole`: where lines are painted. */
  | { readonly id: 'logs'; readonly rect: Rect; readonly top: 'round' | 'joint'; readonly hole: Rect };

/** Where everything lies. Header, banner, panes, message and footer tile the screen. */
export type Layout =
  | { readonly kind: 'too small'; readonly columns: number; readonly rows: number }
  | {
      readonly kind: 'screen';
      readonly header: Rect;
      readonly banner?: Rect;
      readonly body: Rect;
      readonly panes: readonly PlacedPane[];
      readonly message: Rect;
      readonly footer: Rect;
    };

/** How many rows of a screen a text may take that is said beside everything else. */
export function mostWrappedRows(rows: number): number {
  return Math.max(1, Math.floor(rows / 6));
}

/** Divides the screen. Pure. */
export function layOut(input: LayoutInput): Layout {
  const { columns, rows } = input;
  if (columns < leastSize.columns || rows < leastSize.rows) return { kind: 'too small', columns, rows };
  const banner = Math.min(input.banner, mostWrappedRows(rows));
  // What is more than a row is missing everywhere; of one row only the list feels anything.
  const more = Math.max(0, banner - 1);
  const full: Rect = { x: 0, y: 1 + more, width: columns, height: rows - 3 - more };
  const body = banner > 0 ? { ...full, y: full.y + 1, height: full.height - 1 } : full;
  return {
    kind: 'screen',
    header: line(0, columns),
    ...(banner > 0 ? { banner: { ...line(1, columns), height: banner } } : {}),
    body,
    panes: input.zoom ? zoomed(input, body) : divided(input, full),
    message: line(rows - 2, columns),
    footer: line(rows - 1, columns),
  };
}

/** Where a dialog lies: in the middle of the body, never over header, message or footer. */
export function dialogRect(body: Rect, wanted: { readonly width: number; readonly height: number }): Rect {
  const within = body.width > 90 ? { ...body, x: body.x + 2, width: body.width - 4 } : body;
  return centred(within, wanted);
}

function line(y: number, columns: number): Rect {
  return { x: 0, y, width: columns, height: 1 };
}

function hasRoomBeside(columns: number, bodyRows: number): boolean {
  return columns >= columnFromColumns && bodyRows >= besideFromRows;
}

function zoomed(input: LayoutInput, body: Rect): readonly PlacedPane[] {
  switch (input.focus) {
    case 'phases':
      return [{ id: 'phases', shape: 'list', rect: body }];
    case 'steps':
      return [{ id: 'steps', rect: body, bottom: 'closed', content: inside(body, 1, 1) }];
    case 'output':
      return [outputPane(input, body, 'round')];
    case 'containers':
      return [{ id: 'containers', rect: body, top: 'round', zoomed: true }];
    case 'logs':
      return [{ id: 'logs', rect: body, top: 'round', hole: inside(body, 1, 1) }];
    default:
      return input.focus satisfies never;
  }
}

/** `full` is the body as it is without a banner's first row, which is taken from the top: output keeps its size. */
function divided(input: LayoutInput, full: Rect): readonly PlacedPane[] {
  const banner = input.banner > 0 ? 1 : 0;
  const y = full.y + banner;
  if (full.width < columnFromColumns) {
    const strip = { ...full, y, height: 1 };
    return [
      { id: 'phases', shape: 'strip', rect: strip },
      ...stacked(input, { ...full, y: full.y + 1, height: full.height - 1 }),
    ];
  }
  const width = full.width < 140 ? 26 : 33;
  const column = { ...full, y, width, height: full.height - banner };
  return [...left(input, column), ...stacked(input, { ...full, x: full.x + width, width: full.width - width })];
}

/** The phases, and below them the containers. */
function left(input: LayoutInput, column: Rect): readonly PlacedPane[] {
  if (!hasRoomBeside(input.columns, input.rows - 3)) return [{ id: 'phases', shape: 'column', rect: column }];
  const wanted = input.phases + phaseExtraRows;
  const height = Math.min(wanted, column.height - leastContainersRows);
  return [
    { id: 'phases', shape: 'column', rect: { ...column, height } },
    {
      id: 'containers',
      rect: { ...column, y: column.y + height, height: column.height - height },
      top: 'round',
      zoomed: false,
    },
  ];
}

/** The steps above, their output below, and the logs below that; where there is no room, what has the focus of these. */
function stacked(input: LayoutInput, main: Rect): readonly PlacedPane[] {
  const isBeside = hasRoomBeside(input.columns, input.rows - 3);
  const logsHeight = isBeside && input.logs ? Math.max(6, Math.floor(main.height * 0.24)) : 0;
  const upper = main.height - logsHeight;
  const most = Math.max(4, Math.floor(upper * 0.45));
  const banner = input.banner > 0 ? 1 : 0;
  // A row more than the list needs: a banner takes it, and neither the list nor the output becomes smaller.
  const height = Math.min(input.listRows + 2, most);
  const steps: Rect = { ...main, y: main.y + banner, height: height - banner };
  const lower: Rect = { ...main, y: main.y + height, height: upper - height };
  const logs: Rect = { ...main, y: main.y + upper, height: logsHeight };
  return [
    { id: 'steps', rect: steps, bottom: 'open', content: inside(steps, 1, 0) },
    ...lowerPanes(input, { lower, isBeside }),
    ...(logsHeight === 0 ? [] : [{ id: 'logs', rect: logs, top: 'round', hole: inside(logs, 1, 1) } as const]),
  ];
}

function lowerPanes(
  input: LayoutInput,
  { lower, isBeside }: { readonly lower: Rect; readonly isBeside: boolean },
): readonly PlacedPane[] {
  if (!isBeside && input.focus === 'containers')
    return [{ id: 'containers', rect: lower, top: 'joint', zoomed: false }];
  if (!isBeside && input.focus === 'logs')
    return [{ id: 'logs', rect: lower, top: 'joint', hole: inside(lower, 1, 1) }];
  return [outputPane(input, lower, 'joint')];
}

function outputPane(input: LayoutInput, rect: Rect, top: 'round' | 'joint'): PlacedPane {
  const content = inside(rect, 1, 1);
  if (!input.output) return { id: 'output', rect, top, content, detail: content };
  const detailHeight = Math.min(input.detailRows, Math.floor(content.height / 2) - 1);
  if (detailHeight <= 0) return { id: 'output', rect, top, content, detail: { ...content, height: 0 }, hole: content };
  const detail = { ...content, height: detailHeight };
  const divider = { ...rect, y: detail.y + detailHeight, height: 1 };
  const hole = { ...content, y: divider.y + 1, height: content.height - detailHeight - 1 };
  return { id: 'output', rect, top, content, detail, divider, hole };
}
