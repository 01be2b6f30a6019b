import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { keys, type PtyProgram } from '../support/pty-program.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const small = `
version: 1
id: small
title: Two steps
phases:
  - id: only
    title: Only
    steps:
      - id: colours
        title: Print colours
        run: 'printf "\\033[31mred\\033[m \\033[38;2;1;2;3mdirect\\033[m ünïcödé ✔ 漢字 😀\\n"'
        readonly: true
      - id: wait
        title: Wait for the file
        run: 'echo waits; until test -e go; do sleep 0.05; done; echo goes on'
        readonly: true
`;

/** The program started by hand in an operator's shell, with the terminal's settings noted before. */
async function openInShell(home: TestHome): Promise<{ readonly program: PtyProgram; readonly before: string }> {
  home.write('small.yaml', small);
  home.write('exploding.cjs', exploding);
  const program = home.openShell();
  await program.waitForScreen('ready>');
  const before = await settings(program);
  program.press(`"$NODE" --require ./exploding.cjs "$RUNBOOK" small.yaml; echo "left"-$?${keys.enter}`);
  await program.waitForScreen('ROLL BACK');
  expect(program.screen.isAlternate()).toBe(true);
  return { program, before };
}

/** What `stty` says of the terminal: raw mode, echo, signals by keys. */
async function settings(program: PtyProgram): Promise<string> {
  const seen = program.bytes().length;
  program.press(`stty -g; echo "status"-$?${keys.enter}`);
  await program.waitForScreen(() => /status-\d/.test(program.bytes().subarray(seen).toString()));
  return /([0-9a-f]+:){10,}[0-9a-f]+/.exec(program.bytes().subarray(seen).toString())?.[0] ?? 'none';
}

async function expectRestored(program: PtyProgram, before: string): Promise<void> {
  await program.waitForScreen(/ready> $|ready>$/m);
  await program.waitForScreen(() => !program.screen.isAlternate());
  const after = await settings(program);
  expect(after).toBe(before);
  expect(program.screen.modes()).toMatchObject({
    mouseTrackingMode: 'none',
    applicationCursorKeysMode: false,
    applicationKeypadMode: false,
    insertMode: false,
    originMode: false,
    wraparoundMode: true,
    synchronizedOutputMode: false,
  });
  const bytes = program.bytes().toString();
  expect(bytes.lastIndexOf('\x1b[?25h'), 'the cursor is shown').toBeGreaterThan(bytes.lastIndexOf('\x1b[?25l'));
  // The shell marks pastes as well, with each prompt: what counts is that the program took its own mark back.
  const left = bytes.lastIndexOf('\x1b[?1049l');
  expect(bytes.slice(bytes.lastIndexOf('\x1b[?1049h'), left)).toMatch(/\x1b\[\?2004h[\s\S]*\x1b\[\?2004l/);
}

/** Throws in the middle of things when told to by a signal, without a word about it in the product. */
const exploding = `process.on('SIGURG', () => { setImmediate(() => { throw new Error('out of the blue'); }); });`;

const endings: readonly (readonly [string, number, (program: PtyProgram, pid: number) => void])[] = [
  ['q', 0, (program) => program.press('q')],
  ['Ctrl-C', 0, (program) => program.press(keys.ctrlC)],
  ['SIGTERM', 130, (_, pid) => process.kill(pid, 'SIGTERM')],
  ['SIGHUP', 130, (_, pid) => process.kill(pid, 'SIGHUP')],
  ['an exception nobody caught', 1, (_, pid) => process.kill(pid, 'SIGURG')],
];

describe('the terminal is as it was', () => {
  test.for(endings)('after %s', async ([, status, end], context) => {
    underDamage(context, 'quit, Ctrl-C, SIGTERM, SIGHUP, an exception', 'No screen 4');
    const home = newHome(context);
    const { program, before } = await openInShell(home);
    end(program, screenPid(home));
    await expectRestored(program, before);
    expect(program.screenText()).toContain(`left-${status}`);
    program.press(`exit${keys.enter}`);
    await program.exited();
    await home.nothingLeftBehind();
  });

  test('while Ctrl-Z has stopped the program, and fg brings it back', async (context) => {
    underDamage(context, 'Ctrl-Z and fg', 'No screen 4');
    const home = newHome(context);
    const { program, before } = await openInShell(home);
    program.press(keys.ctrlZ);
    await program.waitForScreen('Stopped');
    await expectRestored(program, before);
    program.press(`fg${keys.enter}`);
    await program.waitForScreen('ROLL BACK');
    expect(program.screen.isAlternate()).toBe(true);
    program.press('?');
    await program.waitForScreen('Everywhere');
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes('Everywhere'));
    program.press('q');
    await expectRestored(program, before);
  });

  test('when a program that Ctrl-Z has stopped is ended there', async (context) => {
    underDamage(context, 'Ctrl-Z, then kill %1', 'No screen 4');
    const home = newHome(context);
    const { program, before } = await openInShell(home);
    program.press(keys.ctrlZ);
    await program.waitForScreen('Stopped');
    program.press(`kill %1${keys.enter}`);
    const lock = join(home.runDir('small'), 'lock');
    await waitFor(() => !existsSync(lock), { what: 'the run is let go of' });
    await program.waitForScreen('opens it again');
    program.press(keys.enter);
    await expectRestored(program, before);
    // As it exits, Node resets the terminal's mode once more, which stops what is in the background until it is not.
    program.press(`fg || true${keys.enter}`);
    await waitFor(() => screens(home).length === 0, { what: 'the program ends' });
    await expectRestored(program, before);
    program.press(`exit${keys.enter}`);
    await program.exited();
    await home.nothingLeftBehind();
  });
});

function screens(home: TestHome): ReturnType<TestHome['processes']> {
  return home.processes().filter(({ command }) => command.endsWith('runbook.cjs small.yaml'));
}

function screenPid(home: TestHome): number {
  const [screen] = screens(home);
  if (screen === undefined) throw new Error('there is no screen');
  return screen.pid;
}

describe('resizing', () => {
  test('in the middle of a step keeps the screen whole, and says what it needs where there is no room', async (context) => {
    underDamage(context, 'the terminal resized in the middle of a step', 'No screen 1');
    const home = newHome(context);
    const program = home.open([home.write('small.yaml', small)], { columns: 160, rows: 48 });
    await program.waitForScreen('ROLL BACK');
    program.press('a');
    await program.waitForScreen(/waits/);
    await program.waitForScreen(/▶ Wait for the file +running/);
    for (const [columns, rows] of [
      [80, 24],
      [120, 40],
      [160, 48],
    ] as const) {
      program.resize(columns, rows);
      await program.waitForScreen(() => isWhole(program, columns, rows));
      expect(program.screenText()).toMatch(/▶ Wait for the file +running/);
    }
    program.resize(50, 10);
    const text = await program.waitForScreen(/60.*16/);
    expect(text).not.toContain('ROLL BACK');
    // Keys would act on what nobody sees.
    const seen = program.bytes().length;
    program.press('x');
    program.press(keys.ctrlL);
    await program.waitForScreen(() => program.bytes().length > seen);
    program.resize(120, 40);
    await program.waitForScreen(() => isWhole(program, 120, 40));
    expect(program.screenText()).not.toContain('Stop');
    home.write('go', '');
    await program.waitForScreen(/✔ Wait for the file/);
    program.press('q');
    expect(await program.exited()).toEqual({ code: 0, signal: 0 });
    await home.nothingLeftBehind();
  });
});

/** Header in the first row, keys in the last, borders at the right edge. */
function isWhole(program: PtyProgram, columns: number, rows: number): boolean {
  const lines = program.screen.rows();
  const right = lines.slice(1, -2).filter((line) => line.length === columns);
  return (
    lines.length === rows &&
    (lines[0] ?? '').includes('Two steps') &&
    (lines.at(-1) ?? '').includes('ROLL BACK') &&
    right.length > rows / 2
  );
}

describe('a plain terminal', () => {
  test('gets neither colour with NO_COLOR nor anything but ASCII with --ascii', async (context) => {
    const home = newHome(context);
    const program = home.open([home.write('small.yaml', small), '--ascii'], { environment: { NO_COLOR: '1' } });
    await program.waitForScreen('ROLL BACK');
    program.press(keys.enter);
    await program.waitForScreen((text) => text.includes('v Print colours') && text.includes('red direct'));
    program.press('r');
    await program.waitForScreen(/Roll back . Only/);
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes('Roll back . Only'));
    program.press('?');
    await program.waitForScreen('Everywhere');
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes('Everywhere'));
    program.press('q');
    expect(await program.exited()).toEqual({ code: 0, signal: 0 });
    const bytes = program.bytes();
    expect(bytes.filter((byte) => byte >= 0x80).toString()).toBe('');
    const colours = Array.from(bytes.toString().matchAll(/\x1b\[([\d;:]*)m/g), ([, codes = '']) => codes).filter(
      (codes) => codes.split(';').some((code) => /^(3[0-8]|4[0-8]|9\d|10\d)/.test(code)),
    );
    expect(colours).toEqual([]);
  });

  test('gets colours otherwise', async (context) => {
    const home = newHome(context);
    const program = home.open([home.write('small.yaml', small)]);
    await program.waitForScreen('ROLL BACK');
    program.press(keys.enter);
    await program.waitForScreen(
      (text) => text.includes('✔ Print colours') && text.includes('red direct ünïcödé ✔ 漢字 😀'),
    );
    program.press('q');
    await program.exited();
    expect(program.bytes().toString()).toMatch(/\x1b\[[\d;]*38;5;\d+/);
  });
});
