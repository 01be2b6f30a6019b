/** Colours and looks (SGR), cursor positions, erasing, repeating, the cursor's visibility, and the marks around a frame. */
const drawing = /^\x1b\[(?:[\d;:]*m|\d*(?:;\d*)?H|\d*[ABCDGdJKXb]|\?(?:2026|25)[hl])$/;
const colour = /^\x1b\[[\d;]*m$/;
/** Escape sequences, strings with their text (OSC, DCS …), control characters but line ends, and what reorders text. */
const sequence =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^X][\s\S]*?(?:\x07|\x1b\\)|[ -/]*[0-~])|[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ufe00-\ufe0f]|\p{M}{6}/gu;

/** What was sent to the terminal other than to draw, in order. */
export function beyondDrawing(text: string): readonly string[] {
  return Array.from(text.matchAll(sequence), ([found]) => found).filter((found) => !drawing.test(found));
}

/** What of text for a plain terminal is neither text, nor a tab or line end, nor, where `colours`, a colour. */
export function beyondText(text: string, colours = false): readonly string[] {
  const found = Array.from(text.matchAll(sequence), ([one]) => one).filter((one) => one !== '\t');
  return [...found.filter((one) => !(colours && colour.test(one))), ...(text.match(/\r(?!\n)/g) ?? [])];
}

/** What the program itself sends to take the terminal. */
export const entering: readonly string[] = ['1049h', '7l', '2004h'].map((mode) => `\x1b[?${mode}`);

/** What it sends to give the terminal back: everything off. */
export const leaving: readonly string[] = [
  ...['1000', '1001', '1002', '1003', '1004', '1005', '1006', '1015', '1016'].map((mode) => `\x1b[?${mode}l`),
  ...['2004l', '7h', '1049l'].map((mode) => `\x1b[?${mode}`),
];
