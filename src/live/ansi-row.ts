import { type CellStyle, createGrid, type Grid, mendRow, PLAIN, putGlyph } from './cells.ts';
import { eachGlyph, exposeDirectionControls } from './glyph.ts';
import { applySgr, HIDDEN } from './sgr.ts';

// One alternative each: CSI, strings (OSC, DCS, SOS, PM, APC), other escapes, text, any other control.
const TOKEN =
  /(?:\x1b\[|\x9b)([0-?]*)([ -/]*)([@-~]?)|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|(?=\x1b)|$)|\x1b[ -/]*[0-~]?|([^\x00-\x1f\x7f-\x9f]+)|(\t)|[\x00-\x1f\x7f-\x9f]/gu;

/**
 * Reads one row of text with SGR sequences into a row of a grid, from its first column, and returns
 * the column after its last glyph. Every other sequence and control character is dropped, a tab is a
 * blank, characters that reorder text become visible. What lies beyond the last column is cut.
 */
export function parseAnsiRow(grid: Grid, y: number, text: string): number {
  let style: CellStyle = PLAIN;
  let x = 0;
  const put = (glyph: string, width: 1 | 2): void => {
    const isHidden = (style.attributes & HIDDEN) !== 0;
    const shown = isHidden ? { ...style, attributes: style.attributes & ~HIDDEN } : style;
    putGlyph(grid, { x, y }, { text: isHidden && width === 1 ? ' ' : glyph, width }, shown);
    x += width;
  };
  for (const [, parameters, intermediates, final, plain, tab] of text.matchAll(TOKEN)) {
    if (plain !== undefined) eachGlyph(exposeDirectionControls(plain), put);
    else if (tab !== undefined) put(' ', 1);
    else if (final === 'm' && intermediates === '' && /^[\d:;]*$/.test(parameters ?? ''))
      style = applySgr(style, parameters ?? '');
  }
  return x;
}

/** Reads a frame of rows divided by newlines; rows and columns that do not fit are cut. */
export function parseAnsiFrame(frame: string, columns: number, rows: number): Grid {
  const grid = createGrid(columns, rows);
  for (const [y, row] of frame.split('\n', rows).entries()) {
    parseAnsiRow(grid, y, row);
    mendRow(grid, y);
  }
  return grid;
}
