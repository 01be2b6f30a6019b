import type { Rect } from '../live/cells.ts';
import { centred, inside } from './rect.ts';

/** Panes that take the focus. A new one is one more name here and one more part of `body`. */
export type PaneId = 'phases' | 'steps' | 'output';

/** The least the screen needs. */
export const leastSize = { columns: 60, rows: 16 } as const;

const columnFromColumns = 100;

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
  /** A row below the header says something that concerns everything. */
  readonly banner: boolean;
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
    };

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

/** Divides the screen. Pure. */
export function layOut(input: LayoutInput): Layout {
  const { columns, rows } = input;
  if (columns < leastSize.columns || rows < leastSize.rows) return { kind: 'too small', columns, rows };
  const top = input.banner ? 2 : 1;
  const body: Rect = { x: 0, y: top, width: columns, height: rows - top - 2 };
  return {
    kind: 'screen',
    header: line(0, columns),
    ...(input.banner ? { banner: line(1, columns) } : {}),
    body,
    panes: input.zoom ? zoomed(input, body) : divided(input, body),
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

function zoomed(input: LayoutInput, body: Rect): readonly PlacedPane[] {
  switch (input.focus) {
    case 'phases':
      return [{ id: 'phases', shape: 'list', rect: body }];
    case 'steps':
      return [{ id: 'steps', rect: body, bottom: 'closed', content: inside(body, 1, 1) }];
    case 'output':
      return [outputPane(input, body, 'round')];
    default:
      return input.focus satisfies never;
  }
}

function divided(input: LayoutInput, body: Rect): readonly PlacedPane[] {
  if (body.width < columnFromColumns) {
    const strip = { ...body, height: 1 };
    const main = { ...body, y: body.y + 1, height: body.height - 1 };
    return [{ id: 'phases', shape: 'strip', rect: strip }, ...stacked(input, main)];
  }
  const width = body.width < 140 ? 26 : 33;
  const main = { ...body, x: body.x + width, width: body.width - width };
  return [{ id: 'phases', shape: 'column', rect: { ...body, width } }, ...stacked(input, main)];
}

/** The steps above, their output below. */
function stacked(input: LayoutInput, main: Rect): readonly PlacedPane[] {
  const most = Math.max(4, Math.floor(main.height * 0.45));
  const height = Math.min(input.listRows + 1, most);
  const steps: Rect = { ...main, height };
  const output: Rect = { ...main, y: main.y + height, height: main.height - height };
  return [
    { id: 'steps', rect: steps, bottom: 'open', content: inside(steps, 1, 0) },
    outputPane(input, output, 'joint'),
  ];
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
