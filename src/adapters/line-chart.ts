import type { ChartPart, ChartPiece, DrawChart, LineChart } from '../live/line-chart.ts';

type CanvasModule = typeof import('blessed-contrib/lib/widget/canvas.js');
type Context = InstanceType<CanvasModule['default']>['ctx'];

/** Numbers of colours, which the canvas writes before each cell: here they only say what the cell belongs to. */
const COLOUR = { line: 1, mark: 2, level: 3 } as const satisfies Record<ChartPart, number>;
const PARTS = new Map<string, ChartPart>([
  ['1', 'line'],
  ['2', 'mark'],
  ['3', 'level'],
]);
/** The widget keeps that many cells of its width for a border of its own. */
const CELLS_OF_BORDER = 6;
/** Only a screen would install handlers on the process and write to the terminal; the widget asks nothing else of it. */
const noScreen = { setEffects: () => undefined };

/**
 * Loads the canvas of blessed-contrib (50 ms, once) and draws on it. Its own line chart has no gaps, no marks, and no label
 * at the top of its scale; its canvas has all that a chart needs.
 */
export async function loadLineChart(): Promise<DrawChart> {
  const { default: Canvas } = await import('blessed-contrib/lib/widget/canvas.js');
  return (chart) => {
    const { width, height } = chart;
    if (width < 1 || height < 1) return [];
    const widget = new Canvas({ screen: noScreen, width: width + CELLS_OF_BORDER, height });
    widget.emit('attach');
    const { ctx } = widget;
    // What is drawn later gives its colour to the cells it shares: the line is on top.
    drawMarks(ctx, chart);
    drawLevels(ctx, chart);
    drawLine(ctx, chart);
    return ctx._canvas.frame('\n').split('\n').slice(0, height).map(piecesOf);
  };
}

function drawMarks(ctx: Context, { width, height, marks }: LineChart): void {
  ctx.strokeStyle = COLOUR.mark;
  for (const { at, kind } of marks) {
    if (at < 0 || at > 1) continue;
    const x = Math.round(at * (width * 2 - 1));
    const step = kind === 'begin' ? 2 : 4;
    for (let y = 0; y < height * 4; y += step) ctx._canvas.set(x, y);
  }
}

function drawLevels(ctx: Context, chart: LineChart): void {
  ctx.strokeStyle = COLOUR.level;
  for (const level of chart.levels) {
    const y = pointOf(level, chart);
    for (let x = 0; x < chart.width * 2; x += 4) ctx._canvas.set(x, y);
  }
}

function drawLine(ctx: Context, chart: LineChart): void {
  const { values, width } = chart;
  ctx.strokeStyle = COLOUR.line;
  ctx.beginPath();
  let isDown = false;
  values.forEach((value, index) => {
    if (value === undefined) {
      isDown = false;
      return;
    }
    const x = values.length === 1 ? 0 : Math.round((index / (values.length - 1)) * (width * 2 - 1));
    const y = pointOf(value, chart);
    // One value between two gaps makes no line, but was measured.
    ctx._canvas.set(x, y);
    if (isDown) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
    isDown = true;
  });
  ctx.stroke();
}

function pointOf(value: number, { bottom, top, height }: LineChart): number {
  const part = Math.max(0, Math.min(1, (value - bottom) / (top - bottom)));
  return Math.round((1 - part) * (height * 4 - 1));
}

/** A row of the canvas, its colours read as parts of the chart. */
function piecesOf(row: string): readonly ChartPiece[] {
  const pieces: ChartPiece[] = [];
  let part: ChartPart | undefined;
  for (const [, colour, text] of row.matchAll(/\u001b\[(?:38;5;)?(\d+)m|([^\u001b]+)/g)) {
    if (colour !== undefined) part = PARTS.get(colour);
    if (text === undefined) continue;
    const last = pieces.at(-1);
    if (last !== undefined && last.part === part) pieces[pieces.length - 1] = { ...last, text: last.text + text };
    else pieces.push(part === undefined ? { text } : { text, part });
  }
  return pieces;
}
