import type { Terminal } from '@xterm/headless';

const CELL_WIDTH = 8.4;
const CELL_HEIGHT = 18;
const FONT_SIZE = 14;
const MARGIN = 14;
const BASELINE = 13.5;
const GROUND = '#16181d';
const INK = '#d7dae0';
const FONTS = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";
/** The sixteen named colours, as a dark terminal theme shows them. */
const NAMED =
  '#3b4048 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #abb2bf #5c6370 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #ffffff'.split(
    ' ',
  );

type Cell = {
  readonly text: string;
  readonly width: number;
  readonly color: string;
  readonly ground: string;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
};

/**
 * Draws what a terminal shows as an SVG. Every run of text and every character outside ASCII is placed by itself, so that
 * columns stand under each other whatever font the viewer has; lines of boxes are drawn as lines.
 */
export function svgOfScreen(terminal: Terminal, title: string): string {
  const { cols, rows } = terminal;
  const width = round(cols * CELL_WIDTH + 2 * MARGIN);
  const height = round(rows * CELL_HEIGHT + 2 * MARGIN);
  const body = Array.from({ length: rows }, (_, y) => rowOf(terminal, y).join(''));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${FONTS}" font-size="${FONT_SIZE}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${GROUND}"/>`,
    ...body.filter((row) => row !== ''),
    '</svg>',
    '',
  ].join('\n');
}

function rowOf(terminal: Terminal, y: number): readonly string[] {
  const cells = cellsOf(terminal, y);
  const shapes: string[] = [];
  for (let x = 0; x < cells.length; ) {
    const cell = cells[x];
    if (cell === undefined) break;
    const end = endOfRun(cells, x);
    const count = end - x;
    const at = { x: round(MARGIN + x * CELL_WIDTH), y: MARGIN + y * CELL_HEIGHT, width: round(count * CELL_WIDTH) };
    if (cell.ground !== GROUND)
      shapes.push(`<rect x="${at.x}" y="${at.y}" width="${at.width}" height="${CELL_HEIGHT}" fill="${cell.ground}"/>`);
    const text = cells
      .slice(x, end)
      .map((one) => one.text)
      .join('');
    if (text.trim() !== '') shapes.push(shapeOf(text, cell, at));
    x = end;
  }
  return shapes;
}

function shapeOf(
  text: string,
  cell: Cell,
  at: { readonly x: number; readonly y: number; readonly width: number },
): string {
  const first = text.charAt(0);
  const line = isAscii(first) ? undefined : lineOf(first, text.length, at);
  const opacity = cell.dim ? ' opacity="0.55"' : '';
  if (line !== undefined) return `<path d="${line}" fill="none" stroke="${cell.color}"${opacity}/>`;
  const bar = barOf(first, text.length, at, cell);
  if (bar !== undefined) return bar;
  const style = [
    ` fill="${cell.color}"`,
    cell.bold ? ' font-weight="bold"' : '',
    cell.italic ? ' font-style="italic"' : '',
    cell.underline ? ' text-decoration="underline"' : '',
    opacity,
  ].join('');
  const y = round(at.y + BASELINE);
  if (!isAscii(first))
    return `<text x="${round(at.x + at.width / 2)}" y="${y}" text-anchor="middle"${style}>${escaped(text)}</text>`;
  const lead = text.length - text.trimStart().length;
  const words = text.trim();
  const x = round(at.x + lead * CELL_WIDTH);
  return `<text x="${x}" y="${y}" textLength="${round(words.length * CELL_WIDTH)}" lengthAdjust="spacingAndGlyphs" xml:space="preserve"${style}>${escaped(words)}</text>`;
}

/** Characters of boxes reach the edges of their cells. */
function lineOf(
  character: string,
  count: number,
  at: { readonly x: number; readonly y: number; readonly width: number },
): string | undefined {
  const [left, right, top, bottom] = [at.x, round(at.x + at.width), at.y, at.y + CELL_HEIGHT];
  const [middleX, middleY] = [round(at.x + CELL_WIDTH / 2), at.y + CELL_HEIGHT / 2];
  const bend = 4;
  switch (character) {
    case '─':
      return `M${left} ${middleY}H${right}`;
    case '│':
    case '┃':
      return Array.from({ length: count }, (_, n) => `M${round(middleX + n * CELL_WIDTH)} ${top}V${bottom}`).join('');
    case '├':
      return `M${middleX} ${top}V${bottom}M${middleX} ${middleY}H${right}`;
    case '┤':
      return `M${middleX} ${top}V${bottom}M${middleX} ${middleY}H${left}`;
    case '╭':
      return `M${middleX} ${bottom}V${middleY + bend}Q${middleX} ${middleY} ${round(middleX + bend)} ${middleY}H${right}`;
    case '╮':
      return `M${middleX} ${bottom}V${middleY + bend}Q${middleX} ${middleY} ${round(middleX - bend)} ${middleY}H${left}`;
    case '╰':
      return `M${middleX} ${top}V${middleY - bend}Q${middleX} ${middleY} ${round(middleX + bend)} ${middleY}H${right}`;
    case '╯':
      return `M${middleX} ${top}V${middleY - bend}Q${middleX} ${middleY} ${round(middleX - bend)} ${middleY}H${left}`;
    default:
      return undefined;
  }
}

/** Bars are made of pieces that would not touch, or overlap, in another font. */
function barOf(
  character: string,
  count: number,
  at: { readonly x: number; readonly y: number; readonly width: number },
  cell: Cell,
): string | undefined {
  const opacity = cell.dim ? ' opacity="0.55"' : '';
  if (character === '█')
    return `<rect x="${at.x}" y="${at.y}" width="${at.width}" height="${CELL_HEIGHT}" fill="${cell.color}"${opacity}/>`;
  if (character === '░')
    return `<rect x="${at.x}" y="${at.y}" width="${at.width}" height="${CELL_HEIGHT}" fill="${cell.color}" opacity="0.25"/>`;
  if (character !== '▰' && character !== '▱') return undefined;
  const d = Array.from({ length: count }, (_, n) => {
    const x = round(at.x + n * CELL_WIDTH + 2.2);
    return `M${x} ${at.y + 5.5}h5.4l-1.6 7h-5.4z`;
  }).join('');
  const fill = character === '▰' ? cell.color : 'none';
  return `<path d="${d}" fill="${fill}" stroke="${cell.color}" stroke-width="0.8"${opacity}/>`;
}

/** Runs are of one style; a character outside ASCII is a run of its own, unless it is the same again. */
function endOfRun(cells: readonly (Cell | undefined)[], from: number): number {
  const first = cells[from];
  let end = from + 1;
  if (first === undefined) return end;
  while (cells[end]?.width === 0) end++;
  if (end > from + 1) return end;
  for (; end < cells.length; end++) {
    const next = cells[end];
    if (next === undefined || next.width !== 1 || !isSameStyle(first, next)) break;
    if (isAscii(first.text) ? !isAscii(next.text) : next.text !== first.text || !'─▰▱█░'.includes(first.text)) break;
  }
  return end;
}

function isSameStyle(one: Cell, other: Cell): boolean {
  return (['color', 'ground', 'bold', 'dim', 'italic', 'underline'] as const).every((key) => one[key] === other[key]);
}

function cellsOf(terminal: Terminal, y: number): readonly Cell[] {
  const { active } = terminal.buffer;
  const line = active.getLine(active.baseY + y);
  return Array.from({ length: terminal.cols }, (_, x): Cell => {
    const cell = line?.getCell(x);
    if (cell === undefined) throw new RangeError(`there is no cell ${x},${y}`);
    const color = cell.isFgDefault() ? INK : colorOf(cell.getFgColor(), cell.isFgRGB());
    const ground = cell.isBgDefault() ? GROUND : colorOf(cell.getBgColor(), cell.isBgRGB());
    const isInverse = cell.isInverse() !== 0;
    return {
      text: cell.getWidth() === 0 ? '' : cell.getChars() || ' ',
      width: cell.getWidth(),
      color: isInverse ? ground : color,
      ground: isInverse ? color : ground,
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
      italic: cell.isItalic() !== 0,
      underline: cell.isUnderline() !== 0,
    };
  });
}

function colorOf(color: number, isRgb: boolean): string {
  if (isRgb) return `#${color.toString(16).padStart(6, '0')}`;
  const named = NAMED[color];
  if (named !== undefined) return named;
  const hex = (value: number) => value.toString(16).padStart(2, '0');
  if (color >= 232) return `#${hex(8 + (color - 232) * 10).repeat(3)}`;
  const level = (step: number) => hex(step === 0 ? 0 : 55 + step * 40);
  const cube = color - 16;
  return `#${level(Math.floor(cube / 36))}${level(Math.floor(cube / 6) % 6)}${level(cube % 6)}`;
}

function isAscii(text: string): boolean {
  return text >= ' ' && text <= '~' && text.length === 1;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
