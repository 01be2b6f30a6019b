import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keys, packageDir } from '../support/pty-program.ts';
import { newHome } from '../support/test-home.ts';

const talk = join(packageDir, 'test', 'fixtures', 'runbooks', 'talk.yaml');

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
    program.press(keys.enter);
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
    program.press('q');
    expect(await program.exited()).toEqual({ code: 0, signal: 0 });
    await home.nothingLeftBehind();
  });
});
