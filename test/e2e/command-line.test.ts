import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { keys } from '../support/pty-program.ts';
import { allProcesses, newHome, type TestHome } from '../support/test-home.ts';

const broken = `
version: 1
id: broken
title: Broken
phases:
  - id: one
    title: One
    steps:
      - id: a
        titel: Typed wrong
        run: 'true'
      - id: b
        title: No kind
      - id: b
        title: Same id
        run: 'true'
        timeout: soon
`;

describe('a broken runbook', () => {
  test('is told with all its errors, and the terminal is as it was', async (context) => {
    const home = newHome(context);
    const program = home.open([home.write('broken.yaml', broken)], { columns: 160, rows: 60 });
    expect(await program.exited()).toEqual({ code: 2, signal: 0 });
    const text = program.screenText();
    for (const [line, column] of [
      [10, 9],
      [12, 9],
      [17, 18],
    ])
      expect(text).toContain(`broken.yaml:${line}:${column}`);
    expect(text).toContain('did you mean');
    expect(text).toMatch(/\^/);
    expect(program.screen.isAlternate()).toBe(false);
    expect(program.screen.modes()).toMatchObject({ bracketedPasteMode: false, wraparoundMode: true });
    expect(readdirSync(home.workDir)).toEqual(['broken.yaml']);
    await home.nothingLeftBehind();
  });

  test.each([['check'], ['run']])('ends %s with 2 and the same errors', async (command) => {
    const home = newHome({ onTestFinished });
    const { code, stdout, stderr } = await home.run([command, home.write('broken.yaml', broken)]);
    expect(code).toBe(2);
    const text = stdout + stderr;
    expect(text.match(/broken\.yaml:\d+:\d+/g)?.length).toBeGreaterThanOrEqual(4);
  });
});

describe('what is shipped', () => {
  test.each([['practice'], ['python-3.12-migration']])('%s is checked and rehearsed without a change', async (name) => {
    const home = newHome({ onTestFinished });
    const checked = await home.run(['check', name]);
    expect(checked).toMatchObject({ code: 0, stderr: '' });
    const rehearsed = await home.run(['run', name, '--dry-run']);
    expect(rehearsed).toMatchObject({ code: 0, stderr: '' });
    expect(rehearsed.stdout.split('\n').length).toBeGreaterThan(50);
    expect(readdirSync(home.workDir)).toEqual([]);
    expect((await home.run(['status', name])).stdout).toMatch(/no run|not started/i);
    await home.nothingLeftBehind();
  });
});

/** No other test's: all processes of the machine are looked at, and another test gives its own as an argument. */
const secret = `tr0ub4dor-${randomBytes(8).toString('hex')}`;
const telling = `
version: 1
id: telling
title: Tells its secret
vars:
  TOKEN: { secret: true, about: What nobody may see }
phases:
  - id: only
    title: Only
    steps:
      - id: tell
        title: Tell it whole and in pieces
        run: |
          echo "whole: $TOKEN"
          printf 'in pieces: %s' "\${TOKEN:0:7}"
          until test -e go; do sleep 0.05; done
          printf '%s\\n' "\${TOKEN:7}"
          echo "error: $TOKEN" >&2
          exit 3
        verify: 'echo "$TOKEN"; false'
        undo: 'echo "$TOKEN"; false'
`;

describe('a secret', () => {
  test('is in no file, on no screen and in no process arguments', async (context) => {
    const home = newHome(context);
    const program = home.open([home.write('telling.yaml', telling)], { environment: { TOKEN: secret } });
    await program.waitForScreen('▸○ Tell it whole');
    program.press(keys.enter);
    await program.waitForScreen(/│whole: /);
    expect(argumentsOfAll()).not.toContain(secret);
    home.write('go', '');
    await program.waitForScreen(/Tell it whole and in pieces +failed/);
    program.press('r');
    await program.waitForScreen(/Roll back · Only/);
    program.press(keys.enter);
    await program.waitForScreen(/First failure/);
    expect(argumentsOfAll()).not.toContain(secret);
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes('First failure'));
    program.press('q');
    await program.exited();
    // The tail alone would be enough for who knows how it begins.
    expect(program.bytes().toString()).not.toContain(secret);
    expect(program.bytes().toString()).not.toContain(secret.slice(7));
    expect(home.output('telling', 'tell').toString()).toMatch(/whole: (?!.*dor)/);
    const files = everythingBelow(home);
    expect(files.length).toBeGreaterThan(5);
    for (const { path, text } of files) expect(text.includes(secret), path).toBe(false);
  });
});

function everythingBelow(home: TestHome): readonly { readonly path: string; readonly text: string }[] {
  return readdirSync(home.dataDir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(home.dataDir, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, text: readFileSync(path, 'latin1') }));
}

function argumentsOfAll(): string {
  return allProcesses()
    .map(({ command }) => command)
    .join('\n');
}
