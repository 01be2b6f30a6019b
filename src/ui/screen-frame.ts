import type { Rect } from '../live/cells.ts';
import { footerRow } from './key-help.ts';
import { type Layout, type LayoutInput, layOut, leastSize, mostWrappedRows, type PlacedPane } from './layout.ts';
import { placedSheet } from './overlays/sheet-of.ts';
import { containersOf } from './panes/containers-of-scene.ts';
import { detailRows } from './panes/detail.ts';
import { bannerRows, headerRow } from './panes/header.ts';
import { hasLines, logsPane } from './panes/logs.ts';
import { messageRows } from './panes/message.ts';
import { detailReach, outputPane } from './panes/output.ts';
import { phaseColumn, phaseList, phaseStrip } from './panes/phases.ts';
import { stepsPane } from './panes/steps.ts';
import { ordered } from './panes/watched-look.ts';
import { type Reach, rowsOf, type Scene, sceneOf } from './scene.ts';
import type { ScreenLayout } from './screen-ports.ts';
import { fitRow, type Row } from './spans.ts';
import type { Part } from './widgets/part.ts';
import type { PlacedSheet } from './widgets/sheet.ts';

/** A whole frame: what is drawn where, what the painter of output is told, how far things scroll. */
export type ScreenFrame = {
  readonly parts: readonly Part[];
  readonly layout: ScreenLayout;
  readonly reach: Reach;
  /** False: the terminal is too small, and keys would act on what nobody sees. */
  readonly usable: boolean;
};

/** Draws the whole screen from a scene. Pure. */
export function drawScreen(
  scene: Scene,
  size: { readonly columns: number; readonly rows: number; readonly trouble: string | undefined },
): ScreenFrame {
  const { columns, rows, trouble } = size;
  const under = upTo(scene, 0);
  const most = mostWrappedRows(rows);
  const banner = bannerRows(scene, trouble, { width: columns, height: most });
  const input = inputOf(under, { columns, rows, banner: banner.length });
  const { layout, details } = layoutWithDetails(under, input);
  if (layout.kind === 'too small') return tooSmall(columns, rows);
  const output = layout.panes.find((pane) => pane.id === 'output');
  const sheets = sheetsOf(scene, layout.body);
  const sheet = sheets.at(-1);
  const holed = sheets.findLastIndex((one) => one.hole !== undefined);
  const hole = holed === -1 ? output?.hole : sheets[holed]?.hole;
  const content = output?.content ?? unzoomed(input) ?? layout.body;
  // A message of several rows lies over the lowest of the body until the next key.
  const message = messageRows(scene, { width: columns, height: most });
  const messageRect = { ...layout.message, y: layout.message.y + 1 - message.length, height: message.length };
  const above = message.length > 1 ? [messageRect] : [];
  const attempt = hole === undefined ? undefined : (sheets[holed]?.attempt ?? under.shown?.number);
  return {
    usable: true,
    parts: [
      { id: 'header', rect: layout.header, rows: [headerRow(scene, columns)] },
      ...(layout.banner === undefined ? [] : [{ id: 'banner', rect: layout.banner, rows: banner }]),
      ...layout.panes.flatMap((pane) =>
        paneParts(scene.top === undefined ? scene : { ...under, top: scene.top }, pane),
      ),
      { id: 'footer', rect: layout.footer, rows: [footerRow(scene, columns)] },
      ...sheets.map((one, index) => ({ id: `overlay ${index}`, rect: one.rect, rows: one.rows, opaque: true })),
      { id: 'message', rect: messageRect, rows: message, opaque: message.length > 1 },
    ],
    layout: {
      clip: [...sheets.slice(holed + 1).map((one) => one.rect), ...above],
      columns: content.width,
      rows: content.height,
      ...(hole === undefined ? {} : { hole }),
      ...logsPlace(scene, {
        pane: layout.panes.find((pane) => pane.id === 'logs'),
        clip: [...sheets.map((one) => one.rect), ...above],
      }),
      ...(attempt === undefined ? {} : { attempt }),
    },
    reach: {
      overlay: sheet?.reach ?? 0,
      about: sheet?.aboutReach ?? 0,
      detail: output === undefined ? 0 : detailReach(details, output),
      containers: containerKeys(under),
    },
  };
}

/** What the selection of containers moves along, in the order in which they are shown. */
function containerKeys({ system, view, now }: Scene): readonly string[] {
  return ordered(system, view.containers.sort, now).map(({ key }) => key);
}

function inputOf(
  under: Scene,
  size: { readonly columns: number; readonly rows: number; readonly banner: number },
): LayoutInput {
  const { phases } = under.run.runbook;
  return {
    ...size,
    focus: under.view.focus,
    zoom: under.view.zoom,
    phases: phases.length,
    listRows: Math.max(...phases.map((phase) => rowsOf(phase).length)),
    detailRows: 0,
    output: under.shown !== undefined,
    logs: under.hasLogs,
  };
}

/** How many rows the details need depends on their width, and the place of the output on them. */
function layoutWithDetails(under: Scene, input: LayoutInput): { readonly layout: Layout; readonly details: number } {
  const empty = layOut(input);
  const content = empty.kind === 'screen' ? empty.panes.find((pane) => pane.id === 'output')?.content : undefined;
  const details = content === undefined ? 0 : detailRows(under, content.width - 1).length;
  return { layout: details === 0 ? empty : layOut({ ...input, detailRows: details }), details };
}

function logsPlace(
  scene: Scene,
  over: {
    readonly pane: Extract<PlacedPane, { id: 'logs' }> | undefined;
    readonly clip: readonly Rect[];
  },
): Pick<ScreenLayout, 'logs'> {
  if (over.pane === undefined || !hasLines(scene)) return {};
  const { start: _, ...settings } = scene.view.logs;
  return { logs: { hole: over.pane.hole, clip: over.clip, settings } };
}

/** The overlay on top, and below it those that are more than a question; each is drawn as if it were on top. */
function sheetsOf(scene: Scene, body: Rect): readonly PlacedSheet[] {
  const last = scene.view.overlays.length - 1;
  return scene.view.overlays.flatMap((_, index) => {
    const sheet = placedSheet(upTo(scene, index + 1), body);
    return sheet !== undefined && (index === last || sheet.size === 'wide') ? [sheet] : [];
  });
}

/** The scene with only so many of its overlays. */
function upTo(scene: Scene, overlays: number): Scene {
  return sceneOf({ ...scene, view: { ...scene.view, overlays: scene.view.overlays.slice(0, overlays) } });
}

/** Where output would be if no other pane filled the body: commands keep that size meanwhile. */
function unzoomed(input: LayoutInput): Rect | undefined {
  const layout = layOut({ ...input, zoom: false, focus: 'output' });
  return layout.kind === 'screen' ? layout.panes.find((pane) => pane.id === 'output')?.content : undefined;
}

function paneParts(scene: Scene, pane: PlacedPane): readonly Part[] {
  const { width, height } = pane.rect;
  switch (pane.id) {
    case 'phases':
      return [{ id: 'phases', rect: pane.rect, rows: phaseRows(scene, pane.shape, pane.rect) }];
    case 'steps':
      return [
        { id: 'steps', rect: pane.rect, rows: stepsPane(scene, { width, height, closed: pane.bottom === 'closed' }) },
      ];
    case 'output':
      return outputPane(scene, pane);
    case 'containers':
      return [{ id: 'containers', rect: pane.rect, rows: containersOf(scene, pane).rows }];
    case 'logs':
      return logsPane(scene, pane);
    default:
      return pane satisfies never;
  }
}

function phaseRows(scene: Scene, shape: 'column' | 'strip' | 'list', { width, height }: Rect): readonly Row[] {
  if (shape === 'strip') return [phaseStrip(scene, width)];
  return shape === 'list' ? phaseList(scene, width, height) : phaseColumn(scene, width, height);
}

function tooSmall(columns: number, rows: number): ScreenFrame {
  const lines = [
    `This terminal is ${columns}×${rows}.`,
    `The screen needs ${leastSize.columns}×${leastSize.rows}: make it larger.`,
    'What runs goes on. q leaves.',
  ];
  const rect = { x: 0, y: 0, width: columns, height: rows };
  return {
    parts: [{ id: 'too small', rect, rows: lines.map((line) => fitRow([line], columns)) }],
    layout: { clip: [], columns: Math.max(1, columns), rows: Math.max(1, rows) },
    reach: { overlay: 0, about: 0, detail: 0, containers: [] },
    usable: false,
  };
}
