import unicode11 from '@xterm/addon-unicode11';
import xterm from '@xterm/headless';

/** What one cell of a {@link Screen} shows; read without any code of the product. */
export type ScreenCell = {
  readonly text: string;
  readonly foreground: string;
  readonly background: string;
  readonly attributes: string;
};

/** An operator's terminal that only exists in memory: shows what the bytes written to it make visible. */
export type Screen = {
  readonly write: (bytes: string | Uint8Array) => Promise<void>;
  /** The rows one sees, without blanks at their ends. */
  readonly rows: () => readonly string[];
  readonly cell: (x: number, y: number) => ScreenCell;
  readonly cursor: () => { readonly x: number; readonly y: number };
  readonly isAlternate: () => boolean;
  readonly modes: () => InstanceType<typeof xterm.Terminal>['modes'];
  readonly titles: () => readonly string[];
  /** What the terminal answered to queries: on a line with a program, this would be typed into it. */
  readonly answers: () => readonly string[];
  readonly resize: (columns: number, rows: number) => void;
  readonly dispose: () => void;
};

/** Creates an empty {@link Screen}, with the widths of Unicode 11. */
export function createScreen(columns: number, rows: number): Screen {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 1000,
    allowProposedApi: true,
    logLevel: 'off',
  });
  terminal.loadAddon(new unicode11.Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  const titles: string[] = [];
  const answers: string[] = [];
  terminal.onTitleChange((title) => titles.push(title));
  terminal.onData((answer) => answers.push(answer));
  const lineAt = (y: number) => terminal.buffer.active.getLine(terminal.buffer.active.baseY + y);
  return {
    write: (bytes) => new Promise((resolve) => terminal.write(bytes, resolve)),
    rows: () => Array.from({ length: terminal.rows }, (_, y) => lineAt(y)?.translateToString(true).trimEnd() ?? ''),
    cell: (x, y) => {
      const cell = lineAt(y)?.getCell(x);
      if (cell === undefined) throw new RangeError(`there is no cell ${x},${y}`);
      const attributes = {
        bold: cell.isBold(),
        dim: cell.isDim(),
        italic: cell.isItalic(),
        underline: cell.isUnderline(),
        inverse: cell.isInverse(),
        strike: cell.isStrikethrough(),
      };
      return {
        text: cell.getWidth() === 0 ? '' : cell.getChars() || ' ',
        foreground: cell.isFgDefault() ? '' : `${cell.isFgRGB() ? 'rgb' : 'palette'}:${cell.getFgColor()}`,
        background: cell.isBgDefault() ? '' : `${cell.isBgRGB() ? 'rgb' : 'palette'}:${cell.getBgColor()}`,
        attributes: Object.entries(attributes)
          .flatMap(([name, isSet]) => (isSet ? [name] : []))
          .join(' '),
      };
    },
    cursor: () => ({ x: terminal.buffer.active.cursorX, y: terminal.buffer.active.cursorY }),
    isAlternate: () => terminal.buffer.active.type === 'alternate',
    modes: () => terminal.modes,
    titles: () => titles,
    answers: () => answers,
    resize: (newColumns, newRows) => terminal.resize(newColumns, newRows),
    dispose: () => terminal.dispose(),
  };
}
