import { rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { keys } from '../support/pty-program.ts';
import { newHome } from '../support/test-home.ts';

const book = (...steps: readonly string[]) =>
  `version: 1\nid: stored\ntitle: Stored\nphases: [{ id: one, title: One, steps: [${steps.join(', ')}] }]\n`;
const first = "{ id: first, title: First, run: 'echo first >> log', undo: 'echo undo >> log' }";
const second = "{ id: second, title: Second, readonly: true, run: 'until test -e go; do sleep 0.05; done' }";
const third = "{ id: third, title: Third, readonly: true, run: 'true' }";

test('a run that is under way goes on by its stored definition when the file is broken or gone', async (context) => {
  const damage = underDamage(context, 'the file broken, or gone', 'Journal 6');
  const home = newHome(context);
  home.write('go', '');
  const path = home.write('stored.yaml', book(first, second));
  expect((await home.run(['run', path, '--to', 'first', '--yes'])).code).toBe(0);
  for (const [spoil, said] of [
    [
      () => writeFileSync(path, `${book(first)}\nphases: [`),
      /stored definition holds; runbook check says what is wrong/,
    ],
    [() => rmSync(path), /stored definition holds: .* is gone/],
  ] as const) {
    damage.tried();
    spoil();
    const program = home.open([path]);
    await program.waitForScreen(said);
    expect(program.screenText()).toContain('Second');
    program.press('q');
    await program.exited();
    damage.held();
  }
  expect((await home.run(['run', path, '--yes'])).code).toBe(0);
  expect(home.events('stored').filter(({ type }) => type === 'AttemptStarted')).toHaveLength(2);
});

test('a definition is not adopted under a step that runs, and who looks on sees it adopted', {
  timeout: 90_000,
}, async (context) => {
  const damage = underDamage(context, 'adopted amid a step; screens that look on', 'Journal 6', 'Journal 4');
  const home = newHome(context);
  const path = home.write('stored.yaml', book(first, second));
  expect((await home.run(['run', path, '--to', 'first', '--yes'])).code).toBe(0);
  damage.tried();
  const begun = home.open([path]);
  await begun.waitForScreen('▸○ Second');
  begun.press(keys.enter);
  await begun.waitForScreen(/▶ Second +running/);
  begun.killScreen('SIGKILL');
  await begun.exited();
  writeFileSync(path, book(first, second, third));

  const program = home.open([path]);
  await program.waitForScreen('While you were away');
  program.press(keys.escape);
  await program.waitForScreen(/The definition has changed[\s\S]*added one\/third: Third/);
  const next = home.open([path]);
  await next.waitForScreen('Read-only');
  program.press('a');
  await program.waitForScreen('Something is running by the stored definition');
  expect(program.screenText()).not.toContain('Third');
  home.write('go', '');
  await program.waitForScreen(/✔ Second/);
  program.press('q');
  await program.exited();
  damage.held();

  damage.tried();
  await next.waitForScreen('The definition has changed');
  const looker = home.open([path]);
  await looker.waitForScreen('Read-only');
  next.press('a');
  await next.waitForScreen(/○ Third/);
  await looker.waitForScreen(/○ Third/);
  next.press('q');
  await next.exited();
  await looker.waitForScreen((screen) => !screen.includes('Read-only'));
  looker.press('q');
  await looker.exited();
  damage.held();
});
