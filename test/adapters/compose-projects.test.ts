import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { matchesWanted } from '../../src/adapters/compose-project.ts';
import { type ComposeProjects, createComposeProjects } from '../../src/adapters/compose-projects.ts';
import type { ListedContainer } from '../../src/adapters/listed-container.ts';
import type { Clock } from '../../src/engine/ports.ts';
import { waitFor } from '../support/wait-for.ts';

let folder = '';
let projects: ComposeProjects;
let environment: Record<string, string>;
const planned: { readonly atMs: number; readonly callback: () => void }[] = [];
let nowMs = 0;
const clock: Clock = {
  now: () => nowMs,
  after: (delayMs, callback) => {
    const one = { atMs: nowMs + delayMs, callback };
    planned.push(one);
    return () => void planned.splice(planned.indexOf(one), 1);
  },
};

function passes(ms: number): void {
  nowMs += ms;
  for (const one of planned.filter(({ atMs }) => atMs <= nowMs)) one.callback();
}

/** A docker that notes each question and answers with the file's `name`, or with what PROJECT says. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rb-projects-'));
  writeFileSync(
    join(folder, 'docker'),
    `#!/bin/sh\necho asked >> ${folder}/asked\nname=\${PROJECT:-$(cat "$3" 2>/dev/null)}\n[ -n "$name" ] || exit 1\necho "{\\"name\\":\\"$name\\"}"\n`,
  );
  chmodSync(join(folder, 'docker'), 0o755);
  environment = { PATH: `${folder}:${process.env.PATH}` };
  planned.length = 0;
  nowMs = 1_000;
  projects = createComposeProjects({ environment: () => environment, clock });
});

afterEach(() => {
  projects.close();
  rmSync(folder, { recursive: true, force: true });
});

const wanted = () => ({ kind: 'compose', file: join(folder, 'compose.yml'), services: [] }) as const;
const timesAsked = () => readFileSync(join(folder, 'asked'), 'utf8').split('\n').length - 1;
const made = (project: string, file: string): ListedContainer => ({
  id: '1',
  name: 'a',
  image: 'i',
  state: 'running',
  restarts: 0,
  createdAt: 1,
  isTty: false,
  compose: { project, service: 'web', number: 1, isOneOff: false, files: [file] },
});

test('a file is asked for once, however many want to know', async () => {
  writeFileSync(wanted().file, 'shop');
  const [one, other] = await Promise.all([projects.known(wanted()), projects.known(wanted())]);
  expect([one, other, await projects.known(wanted())]).toEqual(
    Array.from({ length: 3 }, () => ({ ...wanted(), project: 'shop' })),
  );
  projects.askAgain();
  expect(planned).toEqual([]);
  expect(timesAsked()).toBe(1);
});

test('what compose could not tell is asked again when containers change, and once in 30 s at most', async () => {
  const known = await projects.known(wanted());
  expect(known).toEqual(wanted());
  let changes = 0;
  projects.subscribe(() => {
    changes += 1;
  });
  projects.askAgain();
  projects.askAgain();
  passes(29_000);
  expect(timesAsked()).toBe(1);
  writeFileSync(wanted().file, 'shop');
  passes(1_000);
  await waitFor(() => changes === 1);
  expect(matchesWanted(known, made('shop', '/elsewhere.yml'))).toBe(true);
  expect(timesAsked()).toBe(2);
});

test('another environment is asked with anew; a file that has become invalid keeps its name', async () => {
  writeFileSync(wanted().file, 'shop');
  const known = await projects.known(wanted());
  const name = () => (known.kind === 'compose' ? known.project : undefined);
  projects.environmentChanged();
  environment = { ...environment, PROJECT: 'other' };
  projects.environmentChanged();
  await waitFor(() => name() === 'other');
  expect(timesAsked()).toBe(2);
  rmSync(wanted().file);
  environment = { PATH: environment.PATH ?? '' };
  projects.environmentChanged();
  await waitFor(() => timesAsked() === 3);
  expect(name()).toBe('other');
});

test('compose that can’t be started is no failure', async () => {
  environment = { PATH: folder, TOO_LONG: 'x'.repeat(4 * 1024 * 1024) };
  expect(await projects.known(wanted())).toEqual(wanted());
});

test('a container is meant by its project or by its file: a rollback makes it from a copy', () => {
  const known = { ...wanted(), project: 'shop' };
  expect(matchesWanted(known, made('shop', '/backup/compose.yml.backup'))).toBe(true);
  expect(matchesWanted(known, made('named-else', wanted().file))).toBe(true);
  expect(matchesWanted(known, made('named-else', '/backup/compose.yml.backup'))).toBe(false);
});
