import unicode11 from '@xterm/addon-unicode11';
import xterm from '@xterm/headless';
import {
  BOLD,
  createGrid,
  DIM,
  type Grid,
  INVERSE,
  ITALIC,
  mendRow,
  paletteColour,
  putGlyph,
  rgbColour,
  STRIKE,
  UNDERLINE,
} from './cells.ts';
import { eachGlyphOfCluster, exposeDirectionControls } from './glyph.ts';
import { createTamer } from './tame-sequences.ts';

type BufferLine = NonNullable<ReturnType<InstanceType<typeof xterm.Terminal>['buffer']['active']['getLine']>>;
type BufferCell = NonNullable<ReturnType<BufferLine['getCell']>>;

/** A place in the lines of an emulator that stays with its text while older lines are dropped. */
export type LineMark = {
  /** The line now; undefined once it was dropped. */
  readonly line: () => number | undefined;
  readonly release: () => void;
};

/**
 * A terminal that only exists in memory. What a command prints acts on it alone: titles, clipboard
 * writes, hyperlinks, modes and queries end here, and what can be read back is text and colour.
 */
export type Emulator = {
  /**
   * Takes bytes as a terminal would; a character may be split over two calls. Resolves when they were
   * acted on; `onParsed` is called at that very moment, before anything written later is looked at.
   */
  readonly write: (bytes: Uint8Array, onParsed?: () => void) => Promise<void>;
  /** Changes the size; lines of the normal screen are wrapped anew. */
  readonly resize: (columns: number, rows: number) => void;
  /** `count` lines from `top` on as cells; lines that do not exist are blank. */
  readonly rowsAt: (top: number, count: number) => Grid;
  /** Lines that were scrolled out and those on the screen, up to the last one with text. */
  readonly lineCount: () => number;
  /** The text of lines, without blanks at their ends. */
  readonly text: (top?: number, count?: number) => readonly string[];
  /** Whether a line goes on from the one before it: it was broken at the last column. */
  readonly isContinued: (line: number) => boolean;
  readonly mark: (line: number) => LineMark | undefined;
  /** Where the cursor stands: its line as in `rowsAt`, and whether the program shows it. */
  readonly cursor: () => { readonly x: number; readonly line: number };
  /** Modes that decide how keys and pastes have to be sent to the program. */
  readonly modes: () => {
    readonly bracketedPaste: boolean;
    readonly applicationCursorKeys: boolean;
    readonly isAlternateScreen: boolean;
  };
  readonly columns: () => number;
  readonly rows: () => number;
  /** Empties it; modes and colours go back to their defaults. */
  readonly reset: () => void;
  readonly dispose: () => void;
};

/** @param options.scrollbackLines lines kept above the screen (1,000 at 120 columns take about 2.6 MB) */
export type EmulatorOptions = {
  readonly columns: number;
  readonly rows: number;
  readonly scrollbackLines: number;
  /** A line feed begins the next line at its left edge; absent: it only goes down, as on a terminal. */
  readonly isPlain?: boolean;
  /** Gets the terminal's answers to queries (device attributes, cursor position …). They belong to the program's own terminal, never to the operator's. */
  readonly onAnswer?: (answer: string) => void;
};

/** Creates an empty {@link Emulator}. */
export function createEmulator(options: EmulatorOptions): Emulator {
  const terminal = new xterm.Terminal({
    cols: Math.max(1, options.columns),
    rows: Math.max(1, options.rows),
    scrollback: options.scrollbackLines,
    convertEol: options.isPlain ?? false,
    allowProposedApi: true,
    logLevel: 'off',
  });
  terminal.loadAddon(new unicode11.Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  const { onAnswer } = options;
  if (onAnswer !== undefined) terminal.onData(onAnswer);
  let decoder = new TextDecoder();
  const tamer = createTamer(() => ({ columns: terminal.cols, rows: terminal.rows }));
  const buffer = () => terminal.buffer.active;
  const lineCount = (): number => countLines(terminal);

  return {
    write: (bytes, onParsed) =>
      new Promise((resolve) => {
        terminal.write(exposeDirectionControls(tamer.push(decoder.decode(bytes, { stream: true }))), () => {
          onParsed?.();
          resolve();
        });
      }),
    resize: (columns, rows) => terminal.resize(Math.max(1, columns), Math.max(1, rows)),
    rowsAt: (top, count) => {
      const grid = createGrid(terminal.cols, count);
      const cell = buffer().getNullCell();
      for (let y = 0; y < count; y++) readRow({ grid, y, line: buffer().getLine(top + y), cell });
      return grid;
    },
    lineCount,
    text: (top = 0, count = lineCount() - top) =>
      Array.from(
        { length: Math.max(0, count) },
        (_, index) =>
          buffer()
            .getLine(top + index)
            ?.translateToString(true) ?? '',
      ),
    isContinued: (line) => buffer().getLine(line)?.isWrapped ?? false,
    mark: (line) => {
      const marker = terminal.registerMarker(line - buffer().baseY - buffer().cursorY);
      if (marker === undefined) return undefined;
      return { line: () => (marker.isDisposed ? undefined : marker.line), release: () => marker.dispose() };
    },
    cursor: () => ({ x: Math.min(buffer().cursorX, terminal.cols - 1), line: buffer().baseY + buffer().cursorY }),
    modes: () => ({
      bracketedPaste: terminal.modes.bracketedPasteMode,
      applicationCursorKeys: terminal.modes.applicationCursorKeysMode,
      isAlternateScreen: buffer().type === 'alternate',
    }),
    columns: () => terminal.cols,
    rows: () => terminal.rows,
    reset: () => {
      decoder = new TextDecoder();
      tamer.reset();
      terminal.reset();
    },
    dispose: () => terminal.dispose(),
  };
}

function countLines(terminal: InstanceType<typeof xterm.Terminal>): number {
  const { active } = terminal.buffer;
  let last = active.baseY + terminal.rows - 1;
  while (last >= 0 && (active.getLine(last)?.translateToString(true) ?? '') === '') last--;
  return last + 1;
}

function readRow(row: {
  readonly grid: Grid;
  readonly y: number;
  readonly line: BufferLine | undefined;
  readonly cell: BufferCell;
}): void {
  const { grid, y, line, cell } = row;
  if (line === undefined) return;
  const width = Math.min(line.length, grid.columns);
  let isRare = false;
  for (let x = 0; x < width; x++) {
    if (line.getCell(x, cell) === undefined) continue;
    const columns = cell.getWidth();
    if (columns === 0) continue;
    const chars = cell.getChars();
    const code = cell.getCode();
    const index = y * grid.columns + x;
    if (chars.length <= 1 && code < 0x7f) {
      grid.glyphs[index] = code < 0x20 || cell.isInvisible() !== 0 ? ' ' : chars;
      if (cell.isAttributeDefault()) continue;
      grid.foregrounds[index] = foreground(cell);
      grid.backgrounds[index] = background(cell);
      grid.attributes[index] = attributes(cell);
      continue;
    }
    isRare = true;
    readRareCell(grid, { x, y }, { chars: cell.isInvisible() !== 0 ? ' ' : chars, columns, cell });
  }
  if (isRare) mendRow(grid, y);
}

function readRareCell(
  grid: Grid,
  at: { readonly x: number; readonly y: number },
  content: { readonly chars: string; readonly columns: number; readonly cell: BufferCell },
): void {
  const style = {
    foreground: foreground(content.cell),
    background: background(content.cell),
    attributes: attributes(content.cell),
  };
  let x = at.x;
  eachGlyphOfCluster(content.chars, content.columns, (text, width) => {
    putGlyph(grid, { x, y: at.y }, { text, width }, style);
    x += width;
  });
}

function foreground(cell: BufferCell): number {
  if (cell.isFgDefault()) return 0;
  return cell.isFgRGB() ? rgbColour(cell.getFgColor()) : paletteColour(cell.getFgColor());
}

function background(cell: BufferCell): number {
  if (cell.isBgDefault()) return 0;
  return cell.isBgRGB() ? rgbColour(cell.getBgColor()) : paletteColour(cell.getBgColor());
}

function attributes(cell: BufferCell): number {
  return (
    (cell.isBold() ? BOLD : 0) |
    (cell.isDim() ? DIM : 0) |
    (cell.isItalic() ? ITALIC : 0) |
    (cell.isUnderline() ? UNDERLINE : 0) |
    (cell.isInverse() ? INVERSE : 0) |
    (cell.isStrikethrough() ? STRIKE : 0)
  );
}
