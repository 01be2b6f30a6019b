import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keys, packageDir } from '../support/pty-program.ts';
import { newHome } from '../support/test-home.ts';

const talk = join(packageDir, 'test', 'fixtures', 'runbooks', 'talk.yaml');

const KEYS_ARE_BACK = 'The keys are the screen’s again.';

describe('a command that is talked to', () => {
  test('gets the whole terminal where its step is interactive, and gives it back', async (context) => {
    const home = newHome(context);
    const program = home.open([talk], { columns: 90, rows: 30 });
    await program.waitForScreen('Asks on the whole terminal');
    program.press(keys.enter);
    await program.waitForScreen(/^Who is there\?/m);
    expect(program.screenText()).not.toContain('ROLL BACK');
    // Keys of the screen are keys of the command now.
    program.press(`q${keys.enter}`);
    await program.waitForScreen(/Hello, q\nOn a terminal of 30 90/);
    program.press(keys.enter);
    await program.waitForScreen((text) => text.includes('ROLL BACK') && text.includes('Hello, q'));
    expect(program.screenText()).toMatch(/✔ Asks on the whole terminal/);
    expect(program.screen.modes()).toMatchObject({ mouseTrackingMode: 'none', bracketedPasteMode: true });
    await program.waitForScreen(KEYS_ARE_BACK);
    program.press('q');
    expect(await program.exited()).toEqual({ code: 0, signal: 0 });
    expect(program.screen.isAlternate()).toBe(false);
    await home.nothingLeftBehind();
  });

  test('leaves the terminal on ctrl-], goes on, and gets it again', async (context) => {
    const home = newHome(context);
    const program = home.open([talk], { columns: 90, rows: 30 });
    await program.waitForScreen('Asks on the whole terminal');
    program.press(keys.enter);
    await program.waitForScreen(/^Who is there\?/m);
    program.press('\x1d');
    await program.waitForScreen(/▶ Asks on the whole terminal +running/);
    program.press(keys.enter);
    await program.waitForScreen((text) => !text.includes('ROLL BACK') && /^Who is there\?/m.test(text));
    program.press(`Rob${keys.enter}`);
    await program.waitForScreen('Hello, Rob');
    program.press(keys.enter);
    await program.waitForScreen(/✔ Asks on the whole terminal/);
    await program.waitForScreen(KEYS_ARE_BACK);
    program.press('q');
    await program.exited();
    await home.nothingLeftBehind();
  });

  test('is answered in its pane; only while typing is on do keys go to it', async (context) => {
    const home = newHome(context);
    const program = home.open([talk], { columns: 90, rows: 30 });
    await program.waitForScreen('Asks in its pane');
    program.press(keys.down);
    await program.waitForScreen('▸○ Asks in its pane');
    program.press(keys.enter);
    await program.waitForScreen('Out of order');
    program.press('y');
    await program.waitForScreen((text) => /│Go on\?/.test(text) && /▶ Asks in its pane +running/.test(text));
    program.press(keys.enter);
    await program.waitForScreen(/⏎ type/);
    program.press(keys.enter);
    await program.waitForScreen('Ctrl-G ends typing');
    program.press(`rx q${keys.enter}`);
    await program.waitForScreen('You said <rx q>');
    program.press(keys.ctrlG);
    await program.waitForScreen('ROLL BACK');
    program.press('?');
    await program.waitForScreen('Everywhere');
    program.press(keys.escape);
    await program.waitForScreen(/⏎ type/);
    program.press(keys.enter);
    await program.waitForScreen('Ctrl-G ends typing');
    program.press(`yes${keys.enter}`);
    await program.waitForScreen(/✔ Asks in its pane/);
    expect(program.screenText()).toContain('Then <yes>');
    expect(program.screenText()).not.toContain('Then <?');
    await program.waitForScreen(KEYS_ARE_BACK);
    program.press('q');
    expect(await program.exited()).toEqual({ code: 0, signal: 0 });
    await home.nothingLeftBehind();
  });

  test.for([
    ['on the whole terminal', 'interactive'],
    ['in its pane', 'run'],
  ] as const)(
    '%s may end while one types on: nothing of it acts on the screen',
    { timeout: 60_000 },
    async ([where, kind], context) => {
      const home = newHome(context);
      const file = home.write(
        'ends.yaml',
        `version: 1\nid: ends\ntitle: Ends\nphases:\n  - id: only\n    title: Only\n    steps:\n      - { id: asks, title: Asks, ${kind}: 'echo asking; read -r x; until test -e go; do sleep 0.02; done; exit 1', undo: 'echo undone >> log' }\n`,
      );
      const program = home.open([file], { columns: 90, rows: 30 });
      await program.waitForScreen('▸○ Asks');
      program.press(keys.enter);
      await program.waitForScreen(/^(│|)asking/m);
      if (where === 'in its pane') {
        program.press(keys.tab);
        await program.waitForScreen(/⏎ type/);
        program.press(keys.enter);
        await program.waitForScreen('Ctrl-G ends typing');
      }
      program.press('name\r');
      home.write('go', '');
      await program.waitForScreen(/✖ Asks +failed/);
      // The rest of “restart”, Enter: run on, the rollback plan, its start.
      for (const key of ['e', 's', 't', 'a', 'r', 't', '\r']) program.press(key);
      await program.waitForScreen(KEYS_ARE_BACK);
      expect(home.events('ends').filter(({ type }) => type === 'AttemptStarted')).toHaveLength(1);
      program.press('q');
      await program.exited();
      expect(home.events('ends').filter(({ type }) => type === 'RollbackStarted')).toHaveLength(0);
    },
  );

  test('waits for whoever is writing something before it takes the terminal', async (context) => {
    const home = newHome(context);
    const file = home.write(
      'waits.yaml',
      `version: 1\nid: waits\ntitle: Waits\nphases:\n  - id: only\n    title: Only\n    steps:\n      - { id: first, title: First, run: 'until test -e go; do sleep 0.02; done', readonly: true }\n      - { id: asks, title: Asks, interactive: 'printf "Delete all? "; read -r x; echo "<$x>" > said', readonly: true }\n`,
    );
    const program = home.open([file], { columns: 90, rows: 30 });
    await program.waitForScreen('▸○ First');
    program.press('a');
    await program.waitForScreen(/▶ First +running/);
    program.press('m');
    await program.waitForScreen(/Note/);
    program.press('y');
    home.write('go', '');
    await program.waitForScreen(/“Asks” waits for the terminal/);
    program.press(keys.escape);
    // The row of the step shows beside the note too: the footer says that it is closed.
    await program.waitForScreen('⏎ terminal');
    program.press(keys.enter);
    await program.waitForScreen(/^Delete all\?/m);
    program.press('n\r');
    await program.waitForScreen(KEYS_ARE_BACK);
    expect(home.read('said')).toBe('<n>\n');
    program.press('q');
    await program.exited();
  });
});
