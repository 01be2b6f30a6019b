import { expect, test } from 'vitest';
import { keys } from '../support/pty-program.ts';
import { newHome } from '../support/test-home.ts';

/** Everything a terminal could be made to do by what it is sent, and one line of a megabyte. */
const nasty = [
  ']0;owned\\007', // title
  ']52;c;b3duZWQ=\\007', // clipboard
  ']8;;http://owned.example/\\007link\\033]8;;\\007', // hyperlink
  '[?1000h\\033[?1002h\\033[?1003h\\033[?1006h', // mouse
  '[?1049h', // alternate screen
  '[?2004l\\033[?25h\\033[?1h\\033=', // paste marks, cursor, keypad
  '[c\\033[>c\\033[6n\\033[5n\\033[?2026$p', // queries that a terminal answers as if typed
  ']10;?\\007\\033]4;1;?\\007', // colours asked for
  'P$qm\\033\\\\\\\\', // DCS
  'c', // reset
  '[8;10;20t\\033[21t', // resizes the window, asks for its title
  '(0lqqk\\033(B', // line drawing
].map((one) => `\\033${one}`);

const hostile = `
version: 1
id: hostile
title: Hostile output
phases:
  - id: only
    title: Only
    steps:
      - id: nasty
        title: Prints what terminals obey
        run: |
          for part in 1 2; do
            printf '${nasty.join('')}'
            head -c 1000000 /dev/zero | tr '\\0' x
            echo
            printf 'visible %s \\033[31mred\\033[m\\n' "$part"
          done
        readonly: true
`;

test('what a command prints reaches the terminal as text and colour only', async (context) => {
  const home = newHome(context);
  const program = home.open([home.write('hostile.yaml', hostile)]);
  await program.waitForScreen('▸○ Prints what terminals obey');
  program.press(keys.enter);
  await program.waitForScreen((text) => text.includes('✔ Prints') && text.includes('visible 2 red'));
  // The whole of it was printed, and is kept as it was.
  expect(home.output('hostile', 'nasty').toString('latin1')).toContain('\x1b]52;c;b3duZWQ=\x07');
  program.press(keys.tab);
  program.press('\x1b[H');
  program.press('\x1b[F');
  program.press('z');
  await program.waitForScreen((text) => text.includes('visible 2 red') && text.includes('all panes'));
  program.press('q');
  expect(await program.exited()).toEqual({ code: 0, signal: 0 });

  expect(program.screen.titles()).toEqual([]);
  expect(program.screen.answers()).toEqual([]);
  expect(beyondDrawing(program.bytes().toString())).toEqual([...entering, ...leaving]);
  await home.nothingLeftBehind();
});

const entering = ['1049h', '7l', '2004h'].map((mode) => `\x1b[?${mode}`);
/** What the program itself sends to give the terminal back: everything off. */
const leaving = [
  ...['1000', '1001', '1002', '1003', '1004', '1005', '1006', '1015', '1016'].map((mode) => `\x1b[?${mode}l`),
  ...['2004l', '7h', '1049l'].map((mode) => `\x1b[?${mode}`),
];

/** Colours and looks (SGR), cursor positions, erasing, repeating, the cursor's visibility, and the marks around a frame. */
const drawing = /^\x1b\[(?:[\d;:]*m|\d*(?:;\d*)?H|\d*[ABCDGdJKXb]|\?(?:2026|25)[hl])$/;
/** Escape sequences, strings with their text (OSC, DCS …), and control characters but line ends. */
const sequence =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^X][\s\S]*?(?:\x07|\x1b\\)|[ -/]*[0-~])|[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;

/** What was sent to the terminal other than to draw, in order. */
function beyondDrawing(text: string): readonly string[] {
  return Array.from(text.matchAll(sequence), ([found]) => found).filter((found) => !drawing.test(found));
}
