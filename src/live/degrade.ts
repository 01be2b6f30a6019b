import { type Grid, INVERSE, isRgb, paletteColour, STRIKE, UNDERLINE, WIDE } from './cells.ts';

/** What the operator's terminal can show. */
export type Palette = {
  /** `none` leaves bold, inverse, underline …; `256` turns direct colours into the nearest of the palette. */
  readonly colours: 'none' | '256' | 'rgb';
  /** Draw with ASCII only. */
  readonly ascii: boolean;
};

const CHARACTERS: Readonly<Record<string, string>> = {
  '-': '▃─━┄┅┈┉╌╍═╴╶╸╺╼╾–—‐‑‒―−',
  '|': '│┃┆┇┊┋╎╏║╵╷╹╻╽╿▏▎▍▕▐▌',
  '+': '▅┌┍┎┏┐┑┒┓└┕┖┗┘┙┚┛├┝┞┟┠┡┢┣┤┥┦┧┨┩┪┫┬┭┮┯┰┱┲┳┴┵┶┷┸┹┺┻┼┽┾┿╀╁╂╃╄╅╆╇╈╉╊╋╒╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡╢╣╤╥╦╧╨╩╪╫╬╭╮╯╰⊕',
  '#': '█▉▊▋▇■▪▰⚑▓',
  '=': '▄≡',
  _: '▁',
  ':': '░▒⋮',
  '.': '▂·•∙▱□▫…○◌◦☐',
  '>': '▶▸►→❯›»⇒➜',
  '<': '◀◂◄←❮‹«⇐↩↶',
  '^': '▲▴↑⇧⌃',
  v: '▼▾↓✔✓☑',
  x: '✖✗✘×☒',
  o: '●◉⏺◎',
  '*': '▆★☆✱∗◆◇',
  '!': '⚠‼❗',
  '~': '≈∼↻⟳↺',
  '"': '“”„″',
  "'": '‘’‚′',
  '\\': '╲',
  '/': '╱⁄',
  X: '╳',
  i: 'ℹ',
  ' ': '\u00a0\u2800',
  n: '⏎↵',
};
const TO_ASCII: ReadonlyMap<string, string> = new Map(
  Object.entries(CHARACTERS).flatMap(([ascii, glyphs]) => Array.from(glyphs, (glyph) => [glyph, ascii] as const)),
);
// Spinners and charts are made of these: dots in two columns and four lines.
const FIRST_BRAILLE = 0x2800;
const LAST_BRAILLE = 0x28ff;
const DOTS_OF_LINE = [0x09, 0x12, 0x24, 0xc0] as const;
const SHOWS_ON_BLANK = UNDERLINE | INVERSE | STRIKE;

/** Fits a grid to what the terminal can show, in place, and takes from blanks what can't be seen on them. */
export function degrade(grid: Grid, palette: Palette): void {
  for (let index = 0; index < grid.glyphs.length; index++) {
    const attributes = grid.attributes[index] ?? 0;
    if (palette.colours !== 'rgb') {
      grid.foregrounds[index] = plainerColour(grid.foregrounds[index] ?? 0, palette.colours);
      grid.backgrounds[index] = plainerColour(grid.backgrounds[index] ?? 0, palette.colours);
    }
    if (palette.ascii) {
      grid.glyphs[index] = asciiGlyph(grid.glyphs[index] ?? ' ');
      grid.attributes[index] = attributes & ~WIDE;
    }
    if (grid.glyphs[index] === ' ' && (attributes & SHOWS_ON_BLANK) === 0) {
      grid.foregrounds[index] = 0;
      grid.attributes[index] = 0;
    }
  }
}

function asciiGlyph(glyph: string): string {
  if (glyph === '') return ' ';
  const first = glyph.charCodeAt(0);
  if (first >= 0x20 && first < 0x7f) return glyph.charAt(0);
  if (first > FIRST_BRAILLE && first <= LAST_BRAILLE) return dotsGlyph(first - FIRST_BRAILLE);
  return TO_ASCII.get(glyph) ?? glyph.normalize('NFD').match(/^[A-Za-z]/u)?.[0] ?? '?';
}

/** What has dots above each other becomes upright, all else a mark at their height. */
function dotsGlyph(dots: number): string {
  const lines = DOTS_OF_LINE.flatMap((mask, line) => ((dots & mask) === 0 ? [] : [line]));
  const highest = lines[0] ?? 0;
  const lowest = lines.at(-1) ?? 0;
  if (lowest - highest >= 2) return lines.length > 2 ? '|' : ':';
  if (lowest === 0) return "'";
  return highest === 3 ? '_' : lowest === 3 ? '.' : '-';
}

function plainerColour(colour: number, colours: 'none' | '256'): number {
  if (colours === 'none' || colour === 0) return 0;
  return isRgb(colour) ? paletteColour(nearestOfPalette(colour)) : colour;
}

/** The 6×6×6 cube of xterm has the levels 0, 95, 135, … 255 from index 16 on; the greys 8, 18, … 238 from 232 on. */
function nearestOfPalette(rgb: number): number {
  const parts = [(rgb >> 16) & 0xff, (rgb >> 8) & 0xff, rgb & 0xff] as const;
  const steps = parts.map((part) => (part < 48 ? 0 : part < 115 ? 1 : Math.min(5, Math.floor((part - 35) / 40))));
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  const distance = (candidate: readonly number[]): number =>
    parts.reduce((sum, part, index) => sum + (part - (candidate[index] ?? 0)) ** 2, 0);
  const mean = (parts[0] + parts[1] + parts[2]) / 3;
  const grey = Math.max(0, Math.min(23, Math.round((mean - 8) / 10)));
  const greyLevel = 8 + grey * 10;
  const [red = 0, green = 0, blue = 0] = steps;
  const isGreyNearer = distance([greyLevel, greyLevel, greyLevel]) < distance(steps.map(level));
  return isGreyNearer ? 232 + grey : 16 + 36 * red + 6 * green + blue;
}
