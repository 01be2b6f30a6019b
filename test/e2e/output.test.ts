import { expect, test } from 'vitest';
import { keys } from '../support/pty-program.ts';
import { newHome } from '../support/test-home.ts';

const lines = 'printf "first line\\nsecond line\\n"';
const book = `
version: 1
id: lines
title: Lines
phases:
  - id: only
    title: Only
    steps:
      - { id: pipes, title: On pipes, run: '${lines}; until test -e go; do sleep 0.05; done; echo third line', terminal: false }
      - { id: caught, title: Captured, run: '${lines}', capture: CAUGHT, undo: '${lines}' }
      - { id: pty, title: On a terminal, run: '${lines}', undo: '${lines}' }
`;

test('what is printed has its lines at the left of its pane, on pipes as on a terminal', async (context) => {
  const home = newHome(context);
  const program = home.open([home.write('lines.yaml', book)]);
  const atLeft = (...shown: readonly string[]) =>
    program.waitForScreen((text) => shown.every((line) => text.includes(`│${line} `)));
  await program.waitForScreen('▸○ On pipes');
  program.press(keys.enter);
  await atLeft('first line', 'second line');
  home.write('go', '');
  await program.waitForScreen('▸✔ On pipes');
  await atLeft('first line', 'second line', 'third line');
  for (const title of ['Captured', 'On a terminal']) {
    program.press(keys.down);
    await program.waitForScreen(`▸○ ${title}`);
    program.press(keys.enter);
    await program.waitForScreen(`▸✔ ${title}`);
    await atLeft('first line', 'second line');
  }
  program.press('q');
  expect((await program.exited()).signal).toBe(0);
});
