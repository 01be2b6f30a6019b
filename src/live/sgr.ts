import {
  BOLD,
  type CellStyle,
  DIM,
  INVERSE,
  ITALIC,
  isRgb,
  PLAIN,
  paletteColour,
  rgbColour,
  STRIKE,
  UNDERLINE,
} from './cells.ts';

/** Text that a program asked to be invisible; never set on a cell, only while reading SGR. */
export const HIDDEN = 128;

const SET: Readonly<Record<number, number>> = {
  1: BOLD,
  2: DIM,
  3: ITALIC,
  4: UNDERLINE,
  7: INVERSE,
  8: HIDDEN,
  9: STRIKE,
  21: UNDERLINE,
};
const CLEAR: Readonly<Record<number, number>> = {
  22: BOLD | DIM,
  23: ITALIC,
  24: UNDERLINE,
  27: INVERSE,
  28: HIDDEN,
  29: STRIKE,
};
const STYLE = BOLD | DIM | ITALIC | UNDERLINE | INVERSE | STRIKE;

/**
 * The style after a "select graphic rendition" sequence (ECMA-48, with xterm's colours), given the
 * style before it. Unknown parameters change nothing.
 *
 * @param parameters what stands between `CSI` and `m`, with semicolons or colons
 */
export function applySgr(style: CellStyle, parameters: string): CellStyle {
  let { foreground, background, attributes } = style;
  const list = parameters.split(';').map((parameter) => parameter.split(':'));
  for (let index = 0; index < list.length; index++) {
    const [first = '', ...subs] = list[index] ?? [];
    const code = first === '' ? 0 : Number(first);
    if (code === 0) ({ foreground, background, attributes } = PLAIN);
    else if (code === 4 && subs.length > 0)
      attributes = subs[0] === '0' ? attributes & ~UNDERLINE : attributes | UNDERLINE;
    else if (SET[code] !== undefined) attributes |= SET[code] ?? 0;
    else if (CLEAR[code] !== undefined) attributes &= ~(CLEAR[code] ?? 0);
    else if (code >= 30 && code <= 37) foreground = paletteColour(code - 30);
    else if (code >= 40 && code <= 47) background = paletteColour(code - 40);
    else if (code >= 90 && code <= 97) foreground = paletteColour(code - 82);
    else if (code >= 100 && code <= 107) background = paletteColour(code - 92);
    else if (code === 39) foreground = 0;
    else if (code === 49) background = 0;
    else if (code === 38 || code === 48 || code === 58) {
      const rest = subs.length > 0 ? subs : list.slice(index + 1).map(([value = '']) => value);
      const { colour, used } = extendedColour(rest, subs.length > 0);
      if (subs.length === 0) index += used;
      if (code === 38) foreground = colour ?? foreground;
      if (code === 48) background = colour ?? background;
    }
  }
  return { foreground, background, attributes };
}

/** The shortest sequence that turns one style into another; empty where they are the same. */
export function sgrBetween(from: CellStyle, to: CellStyle): string {
  const before = from.attributes & STYLE;
  const after = to.attributes & STYLE;
  if (before === after && from.foreground === to.foreground && from.background === to.background) return '';
  if (after === 0 && to.foreground === 0 && to.background === 0) return '\x1b[m';
  const anew = [0, ...attributeCodes(after), ...colourCodes(to.foreground, 30), ...colourCodes(to.background, 40)].join(
    ';',
  );
  const change = changeCodes(from, to).join(';');
  return `\x1b[${change.length <= anew.length ? change : anew}m`;
}

function changeCodes(from: CellStyle, to: CellStyle): readonly number[] {
  const gone = from.attributes & ~to.attributes & STYLE;
  let added = to.attributes & ~from.attributes & STYLE;
  const codes: number[] = [];
  for (const [code, bits] of Object.entries(CLEAR)) {
    if ((gone & bits) === 0) continue;
    codes.push(Number(code));
    // 22 takes bold and dim away together: what is to stay is set again.
    added |= to.attributes & bits & STYLE;
  }
  codes.push(...attributeCodes(added));
  if (from.foreground !== to.foreground) codes.push(...(to.foreground === 0 ? [39] : colourCodes(to.foreground, 30)));
  if (from.background !== to.background) codes.push(...(to.background === 0 ? [49] : colourCodes(to.background, 40)));
  return codes;
}

function attributeCodes(attributes: number): readonly number[] {
  return [1, 2, 3, 4, 7, 9].filter((code) => (attributes & (SET[code] ?? 0)) !== 0);
}

function colourCodes(colour: number, base: 30 | 40): readonly number[] {
  if (colour === 0) return [];
  if (isRgb(colour)) return [base + 8, 2, (colour >> 16) & 0xff, (colour >> 8) & 0xff, colour & 0xff];
  const index = colour & 0xff;
  if (index < 8) return [base + index];
  return index < 16 ? [base + 52 + index] : [base + 8, 5, index];
}

/** Reads `5;n` or `2;r;g;b` (with colons also `2:space:r:g:b`). */
function extendedColour(
  values: readonly string[],
  withColons: boolean,
): { readonly colour: number | undefined; readonly used: number } {
  if (values[0] === '5')
    return { colour: values[1] === undefined ? undefined : paletteColour(Number(values[1])), used: 2 };
  if (values[0] !== '2') return { colour: undefined, used: values.length > 0 ? 1 : 0 };
  const [red = '', green = '', blue = ''] = withColons && values.length > 4 ? values.slice(2) : values.slice(1);
  const byte = (value: string): number => Math.min(255, Number(value) || 0);
  return { colour: rgbColour((byte(red) << 16) | (byte(green) << 8) | byte(blue)), used: 4 };
}
