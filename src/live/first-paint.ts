/** How wide the column of closed phases beside the open one is. */
const SIDE_COLUMNS = 28;
const NARROW_COLUMNS = 100;

/**
 * The screen's skeleton, as rows of text divided by line feeds: drawn while the rest of the program
 * is still being loaded, so that the terminal answers at once. Imports nothing.
 */
export function firstPaint(options: {
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
}): string {
  const { columns, rows } = options;
  const title = ` ${options.title}`.slice(0, columns);
  const height = rows - 2;
  if (height < 3 || columns < 10) return title;
  const side = columns < NARROW_COLUMNS ? 0 : SIDE_COLUMNS;
  const left = side === 0 ? [] : box(side, height);
  const right = box(columns - side, height);
  const body = right.map((row, y) => `${left[y] ?? ''}${row}`);
  return [`\x1b[1m${title}\x1b[22m`, ...body, ''].join('\n');
}

function box(width: number, height: number): readonly string[] {
  const across = '─'.repeat(width - 2);
  const middle = `│${' '.repeat(width - 2)}│`;
  return [`╭${across}╮`, ...Array.from({ length: height - 2 }, () => middle), `╰${across}╯`];
}
