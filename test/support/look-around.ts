import { expect } from 'vitest';
import { beyondDrawing, entering, leaving } from './beyond-drawing.ts';
import { keys, type PtyProgram } from './pty-program.ts';

/** Opens every pane and list there is. */
export async function lookAround(program: PtyProgram): Promise<void> {
  for (const key of ['i', 'v', 'o', 'r', '?']) {
    program.press(key);
    await program.waitForScreen('Esc close');
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes('Esc close') && /a run on|retry/.test(text));
  }
  for (const key of [keys.tab, '\x1b[H', '\x1b[F', 'z', keys.tab, 'z', keys.tab]) program.press(key);
}

/** What the program sent to its terminal is text and colour, and asked it nothing. */
export function expectTextAndColourOnly(program: PtyProgram): void {
  expect(program.screen.titles()).toEqual([]);
  expect(program.screen.answers()).toEqual([]);
  expect(beyondDrawing(program.bytes().toString())).toEqual([...entering, ...leaving]);
}
