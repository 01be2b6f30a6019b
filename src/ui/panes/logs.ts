import type { LogsStatus } from '../../live/log-status.ts';
import type { PlacedPane } from '../layout.ts';
import type { Scene } from '../scene.ts';
import { type Row, span, wrapText } from '../spans.ts';
import { marks, sourceColor, styles } from '../theme.ts';
import { borderStyle, edgeRow, holeSides, sidedRows } from '../widgets/frame.ts';
import type { Part } from '../widgets/part.ts';

type LogsPane = Extract<PlacedPane, { id: 'logs' }>;

/** The frame around the lines of the logs; the lines themselves are painted into its hole. */
export function logsPane(scene: Scene, pane: LogsPane): readonly Part[] {
  const { rect, hole } = pane;
  const { width } = rect;
  const focused = scene.view.focus === 'logs' && scene.top === undefined;
  const border = borderStyle(focused);
  const joint = pane.top === 'joint';
  const top = edgeRow(
    { left: joint ? '├' : '╭', right: joint ? '┤' : '╮', title: title(scene, focused), note: note(scene) },
    width,
    border,
  );
  const below = hasLines(scene) ? troubleOf(scene.logs) : [];
  const bottom = edgeRow({ left: '╰', right: '╯', title: below, note: [] }, width, border);
  if (!hasLines(scene)) {
    const rows = wrapText(emptiness(scene.logs), hole.width - 2).map((line): Row => [' ', span(line, styles.quiet)]);
    return [
      { id: 'logs', rect, rows: [top, ...sidedRows({ rows, width, height: hole.height, style: border }), bottom] },
    ];
  }
  return [
    { id: 'logs', rect: { ...rect, height: 1 }, rows: [top] },
    ...holeSides('logs', hole, border),
    { id: 'logs bottom', rect: { ...rect, y: rect.y + rect.height - 1, height: 1 }, rows: [bottom] },
  ];
}

/** Whether there are lines to be painted. */
export function hasLines(scene: Scene): boolean {
  return scene.logs.lines > 0;
}

function title(scene: Scene, focused: boolean): Row {
  const { logs, view } = scene;
  const known = logs.sources.filter((source) => source.isThere || source.lines > 0);
  const shown = known.filter((source) => !view.logs.hidden.includes(source.key));
  const names = shown.flatMap((source) => [' ', span(source.name, { color: sourceColor(source.index) })]);
  const hidden = known.length - shown.length;
  return [
    span('Logs', focused ? styles.focusTitle : {}),
    ...(view.logs.filter === undefined ? [] : [' · only ', span(`“${view.logs.filter}”`, styles.wary)]),
    ...(names.length === 0 ? [] : [' ·', ...names]),
    ...(hidden === 0 ? [] : [span(` (${hidden} hidden)`, styles.quiet)]),
  ];
}

function note({ logs }: Scene): Row {
  const errors = errorsText(logs);
  const counted: Row = errors === undefined ? [] : [span(errors, logs.alert?.isOver ? styles.bad : styles.quiet)];
  if (logs.following) return counted;
  const news = logs.newLines > 0 ? ` · ${logs.newLines.toLocaleString('en')} new` : '';
  const paused = span(`paused${news} · End follows`, styles.wary);
  return counted.length === 0 ? [paused] : [...counted, ' · ', paused];
}

/** How many errors came in the time that the alert looks at; undefined: no alert is defined. */
function errorsText({ alert }: LogsStatus): string | undefined {
  if (alert === undefined) return undefined;
  const seconds = Math.round(alert.withinMs / 1000);
  return `${alert.count.toLocaleString('en')} ${alert.count === 1 ? 'error' : 'errors'} / ${seconds} s`;
}

function troubleOf(logs: LogsStatus): Row {
  const trouble = logs.trouble ?? logs.sources.find((source) => source.trouble !== undefined)?.trouble;
  const leftOut = logs.leftOut > 0 ? `${logs.leftOut.toLocaleString('en')} lines came too fast and are left out` : '';
  if (trouble !== undefined) return [span(`${marks.warning} ${trouble}`, styles.wary)];
  return leftOut === '' ? [] : [span(leftOut, styles.quiet)];
}

function emptiness(logs: LogsStatus): string {
  if (logs.trouble !== undefined) return logs.trouble;
  return logs.sources.length === 0 ? 'Nothing to follow yet.' : 'No line so far.';
}
