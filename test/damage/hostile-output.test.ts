import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allPieces, hostileFloods } from '../fixtures/hostile-output/pieces.ts';
import { beyondText } from '../support/beyond-drawing.ts';
import { underDamage } from '../support/damage.ts';
import { expectTextAndColourOnly, lookAround } from '../support/look-around.ts';
import { keys, packageDir } from '../support/pty-program.ts';
import { newHome, type TestHome } from '../support/test-home.ts';

const print = join(packageDir, 'test/fixtures/hostile-output/print.ts');
const printing = `"$RUNBOOK_NODE" ${JSON.stringify(print)}`;
/** In double quotes of YAML. */
const nasty = '\\e]0;owned\\a\\e[31m\\x9b1m\\u202e\\x9d0;owned\\x9c\\r\\nforged';

const hostile = `
version: 1
id: hostile
title: "Hostile ${nasty}"
about: "About ${nasty} \\e[?1000h"
vars:
  GIVEN: { default: "value ${nasty}" }
monitor:
  logs: [{ file: 'logs/*' }]
  alert: { pattern: owned, max: 1, within: 60s }
phases:
  - id: only
    title: "Only ${nasty}"
    steps:
      - { id: pty, title: "On a terminal ${nasty}", run: '${printing}; echo "seen 1"', readonly: true }
      - { id: pipes, title: On pipes, run: '${printing} >&2; echo "seen 2"', terminal: false, readonly: true }
      - { id: caught, title: Captured, run: '${printing}', capture: CAUGHT, readonly: true }
      - { id: told, title: 'Told \${CAUGHT}', run: 'printf "%s\\n" "$CAUGHT" "$GIVEN" "seen 3"', undo: '${printing}' }
      - { id: failing, title: Fails, run: '${printing}; exit 3', expect: { no-match: owned }, readonly: true }
      - { id: tcp, title: Asks, check: { tcp: "no${nasty}:1" }, within: 1s }
    checklist:
      - { id: item, text: "Item ${nasty}", run: '${printing}; exit 1' }
`;

function writeHostile(home: TestHome): string {
  const logs = join(home.workDir, 'logs');
  mkdirSync(logs, { recursive: true });
  for (const name of [
    'plain.log',
    'a\x1b]0;owned\x07\x1b[31m\u202e.log',
    'b\u009b31m\nforged.log',
    'c\x00.log'.replace('\0', '\x7f'),
  ])
    writeFileSync(join(logs, name), Buffer.concat([allPieces(), Buffer.from('seen in a log\n')]));
  return home.write('hostile.yaml', hostile);
}

describe('what is printed reaches the terminal as text and colour only', () => {
  test('by commands on terminals and pipes, captured, in logs, names and messages', {
    timeout: 120_000,
  }, async (context) => {
    underDamage(context, 'all escape sequences, in every place of the screen', 'Output');
    const home = newHome(context);
    const program = home.open([writeHostile(home)]);
    await program.waitForScreen(/ a run on /);
    program.press('a');
    await program.waitForScreen((text) => text.includes('✖ Fails'), { withinMs: 60_000 });
    // It was printed whole, and is kept as it was.
    expect(home.output('hostile', 'pty').includes('\x1b]52;c;b3duZWQ=\x07')).toBe(true);
    expect(JSON.stringify(home.events('hostile'))).toContain('owned');
    await lookAround(program);
    program.press('m');
    await program.waitForScreen('Beside “');
    program.press('\x1b[200~\x1b]0;owned\x07\u202enoted\0\x1b[201~');
    await program.waitForScreen((text) => text.includes('noted'));
    program.press(keys.enter);
    await program.waitForScreen((text) => !text.includes('Beside “'));
    program.press('q');
    expect(await program.exited()).toEqual({ code: 1, signal: 0 });
    expectTextAndColourOnly(program);
    await home.nothingLeftBehind();
  });

  test('by commands without a screen, on pipes and on a terminal', { timeout: 120_000 }, async (context) => {
    const count = underDamage(context, 'all escape sequences, through every command', 'Output');
    const home = newHome(context);
    const file = writeHostile(home);
    home.write('broken.yaml', hostile.replace('version: 1', `version: 1\n"wrong ${nasty}": 2`));
    home.write('runbooks/b\u202e\x1b]0;owned\x07\nforged.yaml', hostile);
    const commands = [
      ['run', file],
      ['run', file, '--json'],
      ['run', file, '--dry-run'],
      ['status', file],
      ['status', file, '--json'],
      ['list'],
      ['list', '--json'],
      ['check', file, 'broken.yaml'],
      ['check'],
      ['doctor', file],
      ['doctor', file, '--json'],
      ['rollback', file],
      ['run', 'no\x1b]0;owned\x07such\u202e'],
      ['run', file, '--phase', '\x1b[31mno'],
      ['status', '--no\x1b]0;owned\x07such'],
      ['rollback', file, '--yes'],
      ['reset', file],
    ];
    for (const args of commands) {
      count.tried();
      const { stdout, stderr } = await home.run(args);
      expect(beyondText(stdout).slice(0, 5), args.join(' ')).toEqual([]);
      expect(beyondText(stderr).slice(0, 5), args.join(' ')).toEqual([]);
      expect(`\n${stdout}\n${stderr}`, args.join(' ')).not.toMatch(/\nforged/);
      if (args.includes('--json')) expectJson(stdout);
      count.held();
    }
    for (const args of [
      ['run', file],
      ['check', file, 'broken.yaml'],
      ['status', file],
      ['doctor', file],
    ]) {
      count.tried();
      const program = home.open(args);
      await program.exited({ withinMs: 60_000 });
      expect(beyondText(program.bytes().toString(), true), args.join(' ')).toEqual([]);
      expect(program.screen.titles()).toEqual([]);
      expect(program.screen.answers()).toEqual([]);
      count.held();
    }
    await home.nothingLeftBehind();
  });

  test('by floods, which cost a bounded amount of work and memory', { timeout: 150_000 }, async (context) => {
    const count = underDamage(context, 'floods: lines, titles, marks, links, bells, resets', 'Output');
    const home = newHome(context);
    const steps = Object.keys(hostileFloods).map(
      (flood, at) =>
        `      - { id: f${at}, title: 'Flood ${at}', run: '${printing} "${flood}"; printf "\\033\\\\\\030\\nseen ${at}"', readonly: true }`,
    );
    const text = [
      'version: 1',
      'id: floods',
      'title: Floods',
      'phases:',
      '  - id: only',
      '    title: Only',
      '    steps:',
      ...steps,
    ];
    const program = home.open([home.write('floods.yaml', text.join('\n'))]);
    await program.waitForScreen(/ a run on /);
    for (const at of steps.keys()) {
      count.tried();
      program.press(keys.enter);
      await program.waitForScreen((shown) => shown.includes(`✔ Flood ${at}`) && shown.includes(`seen ${at}`), {
        withinMs: 60_000,
      });
      program.press(keys.down);
      count.held();
    }
    const peak = peakMemoryBytes(program.pid);
    if (peak !== undefined) expect(peak).toBeLessThan(600 * 1024 * 1024);
    program.press('q');
    expect(await program.exited()).toEqual({ code: 0, signal: 0 });
    expectTextAndColourOnly(program);
    await home.nothingLeftBehind();
  });
});

/** The most that the process ever held; undefined where the system does not tell. */
function peakMemoryBytes(pid: number): number | undefined {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return undefined;
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(path, 'utf8'))?.[1]) * 1024;
}

/** One value, or one a line. */
function expectJson(text: string): void {
  expect(() =>
    text.startsWith('{"') ? text.split('\n').map((line) => JSON.parse(line)) : JSON.parse(text),
  ).not.toThrow();
}
