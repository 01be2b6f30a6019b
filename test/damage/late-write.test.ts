import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type TestContext, test, vi } from 'vitest';
import { openPreferences } from '../../src/adapters/preferences.ts';
import { surround } from '../../src/commands/surround.ts';
import type { Reply } from '../../src/engine/api.ts';
import { type OpenedRun, openRun } from '../../src/open-run.ts';
import { bookFrom, bookText } from '../support/book.ts';
import { underDamage } from '../support/damage.ts';
import { packageDir } from '../support/pty-program.ts';
import { waitFor } from '../support/wait-for.ts';

/** Ends with the desk too. */
const command = 'until test -e go || ! test -e book.yaml; do sleep 0.05; done';
const step = `{ id: one, title: One, run: '${command}', readonly: true, terminal: false }`;
const text = bookText(`  - { id: only, title: Only, steps: [${step}] }`);

/** A runbook that is opened by several screens of this process. */
function aDesk({ onTestFinished }: TestContext) {
  const folder = mkdtempSync('/tmp/rb-late-');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  const file = { path: join(folder, 'book.yaml'), text, runbook: bookFrom(text) };
  write('book.yaml', text);
  const dataDir = join(folder, 'home');
  const preferences = openPreferences(dataDir);
  const outside = {
    dataDir,
    preferences,
    environment: process.env,
    programDir: join(packageDir, 'dist'),
    version: '0',
  };
  const values = { values: {}, secrets: {}, origins: {}, problems: [] };
  const openScreen = async () => {
    const opened = await openRun(file, values, surround({ file, ...outside, attended: true }));
    onTestFinished(() => opened.session.api.close());
    return opened;
  };
  return { write, openScreen };
}

/** The next sync of a journal hangs until it is told how to end. */
async function hangNextSync({ onTestFinished }: TestContext) {
  const anyFile = await open('/dev/null');
  const files = Object.getPrototypeOf(anyFile) as FileHandle;
  await anyFile.close();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const spy = vi.spyOn(files, 'datasync').mockImplementationOnce(() => promise);
  onTestFinished(() => {
    resolve();
    spy.mockRestore();
  });
  return {
    isReached: () => spy.mock.calls.length > 0,
    succeed: () => resolve(),
    fail: () => reject(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' })),
  };
}

const holdingOf = ({ session }: OpenedRun) => session.api.holding();
const lifeOf = ({ session }: OpenedRun) => session.api.run().attempts.at(-1)?.life.status;
const openings = ({ folder }: OpenedRun) => readFileSync(folder.journal, 'utf8').match(/"type":"RunOpened"/g)?.length;

/** The run is taken from a screen whose journal hangs, and given back to it with a step that runs. */
async function takenAndGivenBack(context: TestContext) {
  const { write, openScreen } = aDesk(context);
  const slow = await openScreen();
  const sync = await hangNextSync(context);
  const late: Promise<Reply> = slow.session.api.send({ type: 'add note', text: 'Hm.' });
  await waitFor(sync.isReached, { what: 'its journal hangs' });
  const other = await openScreen();
  const seen = holdingOf(other);
  if (seen.kind !== 'viewer') throw new Error(`the other one is a ${seen.kind}`);
  expect(await other.session.api.takeOver(seen)).toEqual({ kind: 'done' });
  await waitFor(() => holdingOf(slow).kind === 'viewer', { what: 'it only looks on' });
  const run = { type: 'run step', stepId: 'one', answers: [], accepted: 'person' } as const;
  expect(await other.session.api.send(run)).toEqual({ kind: 'done' });
  await waitFor(() => lifeOf(other) === 'running', { what: 'the step runs' });
  await other.session.api.close();
  await waitFor(() => holdingOf(slow).kind === 'writer', { what: 'it writes again' });
  return { slow, sync, late, endStep: () => write('go', '') };
}

test.for(['succeed', 'fail'] as const)(
  'a write that comes back after its run was taken and given back: %s',
  async (how, context) => {
    underDamage(context, 'a journal that hangs until its run was taken and given back', 'Journal 4', 'No screen 2');
    const { slow, sync, late, endStep } = await takenAndGivenBack(context);
    const before = openings(slow);
    const seen = new Set([holdingOf(slow).kind]);
    slow.session.api.subscribe(() => seen.add(holdingOf(slow).kind));
    sync[how]();
    expect(await late).toMatchObject({ kind: 'refused' });
    endStep();
    await waitFor(() => lifeOf(slow) === 'ended', { what: 'it hears that the step has ended' });
    expect([[...seen], openings(slow)]).toEqual([['writer'], before]);
  },
);

test('a run that a screen takes in the moment in which it is left is given back', async (context) => {
  underDamage(context, 'a screen left while it takes the run', 'Journal 4', 'No screen 2');
  const { openScreen } = aDesk(context);
  const [writer, looker] = [await openScreen(), await openScreen()];
  expect(holdingOf(looker).kind).toBe('viewer');
  const sync = await hangNextSync(context);
  await writer.session.api.close();
  await waitFor(sync.isReached, { what: 'it takes the run' });
  expect(existsSync(looker.folder.lock)).toBe(true);
  const left = looker.session.api.close();
  sync.succeed();
  await left;
  expect(existsSync(looker.folder.lock)).toBe(false);
});
