import { rmSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { newHome } from '../support/test-home.ts';

const text = `
version: 1
id: stored
title: Stored
phases:
  - id: one
    title: One
    steps:
      - { id: first, title: First, readonly: true, run: 'true' }
      - { id: second, title: Second, readonly: true, run: 'true' }
`;

test.each([
  ['was broken', (path: string) => writeFileSync(path, `${text}\nphases: [`)],
  ['is gone', (path: string) => rmSync(path)],
])('a run that is under way goes on by its stored definition when the file %s', async (_how, damage) => {
  const home = newHome({ onTestFinished });
  const path = home.write('stored.yaml', text);
  expect((await home.run(['run', path, '--to', 'first'])).code).toBe(0);
  damage(path);

  const program = home.open([path]);
  await program.waitForScreen((screen) => screen.includes('The stored definition holds'));
  expect(program.screenText()).toContain('Second');
  program.press('q');
  await program.exited();

  expect((await home.run(['run', path])).code).toBe(0);
  expect(home.events('stored').filter((event) => event.type === 'AttemptStarted')).toHaveLength(2);
});
