import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { keys } from '../support/pty-program.ts';
import { newHome } from '../support/test-home.ts';

const phase = (id: string, from: string, to: string) =>
  `  - { id: ${id}, title: Phase ${id}, steps: [{ id: edit-${id}, title: Edit ${id}, edit: { file: settings, replace: ${from}, with: ${to} } }] }`;
const book = (...phases: readonly string[]) =>
  `version: 1\nid: others\ntitle: Edits what others edit\nphases:\n${phases.join('\n')}\n`;

test('of two edits of one file the first is not undone under the second', async (context) => {
  underDamage(context, 'two edits of one file, the first undone first', 'Rollback 3', 'Rollback 5', 'Rollback 7');
  const home = newHome(context);
  const file = home.write('others.yaml', book(phase('one', 'old', 'new'), phase('two', 'new', 'newer')));
  home.write('settings', 'a\nold\nb\n');
  expect((await home.run(['run', file, '--yes'])).code).toBe(0);
  const refused = await home.run(['rollback', file, '--phase', 'one', '--yes']);
  expect(refused.code).toBe(4);
  expect(refused.stdout).toMatch(/-newer\n\s+\+old\n/);
  expect(refused.stdout).not.toContain('Rolled back');
  expect(home.read('settings')).toBe('a\nnewer\nb\n');
});

test('an edit that was changed under its preview goes by what is there, or not at all', async (context) => {
  const { tried, held } = underDamage(context, 'a file changed between its preview and Enter', 'Steps 5');
  const home = newHome(context);
  const file = home.write('others.yaml', book(phase('one', 'old', 'new')));
  const settings = join(home.workDir, 'settings');
  writeFileSync(settings, 'a\nold\nb\n');
  const program = home.open([file]);
  await program.waitForScreen(/-old[\s\S]*\+new/);

  tried();
  writeFileSync(settings, 'a\nold\nb\nold\n');
  program.press(keys.enter);
  // Its command says so before it has ended.
  await program.waitForScreen(/the text is there 2 times[\s\S]*⏎ retry/);
  expect(home.read('settings')).toBe('a\nold\nb\nold\n');
  held();

  tried();
  writeFileSync(settings, 'a\nold\nb\nsomebody else’s\n');
  program.press(keys.enter);
  await program.waitForScreen('✔ Edit one');
  expect(home.read('settings')).toBe('a\nnew\nb\nsomebody else’s\n');
  held();
  program.press('q');
  await program.exited();
});
