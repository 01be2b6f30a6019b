import { fitRow, graphemesOf, type Row, span, widthOf } from '../spans.ts';
import type { TextField } from '../text-field.ts';

/** A field as a row of that width: the cursor is always in sight; a secret's characters are dots. */
export function fieldRow(field: TextField, width: number, masked: boolean): Row {
  const characters = graphemesOf(field.text).map((character) => (masked ? '•' : character));
  let from = 0;
  while (widthOf(characters.slice(from, field.at).join('')) > width - 2) from += 1;
  const before = characters.slice(from, field.at).join('');
  const under = characters[field.at] ?? ' ';
  const after = characters.slice(field.at + 1).join('');
  return fitRow(
    [span(before, { underline: true }), span(under, { inverse: true }), span(after, { underline: true })],
    width,
  );
}
