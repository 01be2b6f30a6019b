import { expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { keys } from '../support/pty-program.ts';
import { newHome } from '../support/test-home.ts';

const gated = `
version: 1
id: gated
title: Steps that wait for files
phases:
  - id: only
    title: Only
    steps:
      - id: one
        title: The first
        run: 'echo begun; until test -e one; do sleep 0.05; done; echo first is over'
        readonly: true
      - id: two
        title: The second
        run: 'until test -e two; do sleep 0.05; done; echo second is over'
        readonly: true
`;

test('a second screen looks on, live and read-only, and takes over when the first is killed', async (context) => {
  underDamage(context, 'the writer killed beside a second screen', 'Journal 4', 'No screen 2');
  const home = newHome(context);
  const first = home.open([home.write('gated.yaml', gated)]);
  await first.waitForScreen('▸○ The first');
  first.press('a');
  await first.waitForScreen(/▶ The first +running/);

  const second = home.open(['gated.yaml']);
  await second.waitForScreen(new RegExp(`Read-only · \\S+@\\S+ on \\S+ since \\d\\d:\\d\\d \\(pid ${first.pid}\\)`));
  await second.waitForScreen(/▶ The first +running/);
  await second.waitForScreen(/│begun/);
  const journaled = home.events('gated').length;
  second.press('a');
  await second.waitForScreen(/⚠ Read-only: \S+ writes this run/);
  second.press('s');
  await second.waitForScreen(/⚠ Read-only: \S+ writes this run/);
  expect(home.events('gated')).toHaveLength(journaled);

  home.write('one', '');
  await first.waitForScreen(/✔ The first/);
  await second.waitForScreen(/✔ The first[\s\S]*▶ The second +running/);

  first.killScreen('SIGKILL');
  await first.exited();
  await second.waitForScreen((text) => !text.includes('Read-only ·') && text.includes('While you were away'));
  second.press(keys.escape);
  await second.waitForScreen((text) => !text.includes('While you were away'));
  home.write('two', '');
  await second.waitForScreen(/✔ The second/);
  expect(home.events('gated').filter(({ type }) => type === 'AttemptStarted')).toHaveLength(2);
  second.press('m');
  await second.waitForScreen(/accept/);
  second.press(`mine now${keys.enter}`);
  await second.waitForScreen((text) => !text.includes('accept'));
  expect(home.events('gated').at(-1)).toMatchObject({ type: 'NoteAdded', data: { text: 'mine now' } });
  second.press('q');
  expect(await second.exited()).toEqual({ code: 0, signal: 0 });
  await home.nothingLeftBehind();
});

test('a screen that is opened after the first was killed takes over at once', async (context) => {
  underDamage(context, 'the writer killed before a second screen', 'Journal 4');
  const home = newHome(context);
  const first = home.open([home.write('gated.yaml', gated)]);
  await first.waitForScreen('▸○ The first');
  first.killScreen('SIGKILL');
  await first.exited();
  const second = home.open(['gated.yaml']);
  const text = await second.waitForScreen('▸○ The first');
  expect(text).not.toContain('Read-only');
  second.press('q');
  expect(await second.exited()).toEqual({ code: 0, signal: 0 });
  await home.nothingLeftBehind();
});

test('a run without a screen does not take a run from the screen that holds it', async (context) => {
  underDamage(context, 'a second writer without a screen', 'Journal 4');
  const home = newHome(context);
  const first = home.open([home.write('gated.yaml', gated)]);
  await first.waitForScreen('▸○ The first');
  first.press('a');
  await first.waitForScreen(/▶ The first +running/);
  const { code, stdout } = await home.run(['run', 'gated.yaml', '--yes']);
  expect(code).toBe(5);
  expect(stdout).toMatch(/Read-only: \S+ writes this run/);
  // What runs is the other's, who sees it: here nothing is known of it.
  expect(stdout).not.toContain('The first');
  home.write('one', '');
  home.write('two', '');
  await first.waitForScreen(/✔ The second/);
  first.press('q');
  await first.exited();
  await home.nothingLeftBehind();
});
