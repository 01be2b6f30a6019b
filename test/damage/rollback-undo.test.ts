import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readJournal } from '../../src/adapters/journal-file.ts';
import { replay } from '../../src/run/reduce.ts';
import type { Run } from '../../src/run/state.ts';
import { runStatus } from '../../src/run/status.ts';
import { bookFrom } from '../support/book.ts';
import { underDamage } from '../support/damage.ts';
import { type Desk, deskWith } from '../support/program.ts';

const rollBack = ['rollback', 'book.yaml', '--yes'];

type Case = {
  readonly way: string;
  /** Keys of the step in the middle, as YAML between braces. */
  readonly step: string;
  /** The phase's own plan; absent: the undos of its steps. */
  readonly plan?: string;
  /** Makes its undo fail; a file `trouble` where absent. */
  readonly harm?: (desk: Desk) => void;
  readonly mend?: (desk: Desk) => void;
  /** What stands on the terminal. */
  readonly says: RegExp;
  /** What else is asked of the program meanwhile: to run on, with these limits. */
  readonly looks?: readonly (readonly string[])[];
};

const made = 'run: touch made';
const edit = 'edit: { file: settings.txt, replace: old, with: new }';
const attempts = (desk: Desk) => {
  const [run = ''] = readdirSync(join(desk.home, 'runs', 'fire'));
  return join(desk.home, 'runs', 'fire', run, 'attempts');
};
const editFolder = (desk: Desk) => join(attempts(desk), '0002-change');
const moved = (desk: Desk, from: string, to: string) => renameSync(from, join(desk.folder, to));

const cases: readonly Case[] = [
  {
    way: 'an undo that exits with 1',
    step: `${made}, undo: 'test ! -e trouble; rm -f made'`,
    says: /exit status 1, wanted 0/,
    looks: [[]],
  },
  {
    way: 'an undo on pipes that is killed',
    step: `${made}, terminal: false, undo: 'if test -e trouble; then kill -9 $$; fi; rm -f made'`,
    says: /killed by SIGKILL/,
  },
  {
    way: 'an undo whose verify does not hold',
    step: `${made}, undo: { run: 'test -e trouble || rm -f made', verify: '! test -e made' }`,
    says: /verify did not hold: exit status 1/,
  },
  {
    way: 'an undo that hangs until its deadline',
    step: `${made}, undo: { run: 'if test -e trouble; then sleep 300; fi; rm -f made', timeout: 10s }`,
    says: /timed out after 10s/,
  },
  {
    way: 'an undo whose requires says no',
    step: `${made}, undo: { run: 'echo ran >> ran; rm -f made ran', requires: 'echo asked; ! test -e trouble' }`,
    says: /its requires does not hold: exit status 1: asked/,
  },
  {
    way: 'an undo whose folder vanished',
    step: `run: touch ../made, cwd: sub, undo: rm -f ../made`,
    harm: (desk) => moved(desk, join(desk.folder, 'sub'), 'aside'),
    mend: (desk) => moved(desk, join(desk.folder, 'aside'), 'sub'),
    says: /could not start: /,
  },
  {
    way: 'the runner of an undo killed with -9',
    // Which process it is has to be written down: else nobody could prove it gone, and it would not be run again so.
    step: `${made}, undo: 'if test -e trouble; then until ls "$RUNBOOK_RUN_DIR"/attempts/*-undo-change/command.json; do sleep 0.01; done; kill -9 $PPID; fi; rm -f made'`,
    says: /stopped at “Change”: unknown/,
  },
  {
    way: 'an edited file changed by somebody else',
    step: edit,
    harm: (desk) => desk.write('settings.txt', 'theirs\n'),
    mend: (desk) => desk.write('settings.txt', 'new\n'),
    says: /was changed since the edit and is left alone; its text before the edit is in/,
  },
  {
    way: 'an edited file deleted since',
    step: edit,
    harm: (desk) => rmSync(join(desk.folder, 'settings.txt')),
    mend: (desk) => desk.write('settings.txt', 'new\n'),
    says: /settings.txt is gone; its text before the edit is in/,
  },
  {
    way: 'the backup of an edit gone',
    step: edit,
    harm: (desk) => moved(desk, join(editFolder(desk), 'before-settings.txt'), 'aside'),
    mend: (desk) => renameSync(join(desk.folder, 'aside'), join(editFolder(desk), 'before-settings.txt')),
    says: /the backup \S+ is missing or damaged/,
  },
  {
    way: 'the record of an edit gone',
    step: edit,
    harm: (desk) => moved(desk, join(editFolder(desk), 'edit.json'), 'aside'),
    mend: (desk) => renameSync(join(desk.folder, 'aside'), join(editFolder(desk), 'edit.json')),
    says: /what the edit did is not to be read any more/,
  },
  {
    way: 'the record of an edit cut off',
    step: edit,
    harm: (desk) => {
      moved(desk, join(editFolder(desk), 'edit.json'), 'aside');
      writeFileSync(join(editFolder(desk), 'edit.json'), '{"file":');
    },
    mend: (desk) => renameSync(join(desk.folder, 'aside'), join(editFolder(desk), 'edit.json')),
    says: /what the edit did is not to be read any more/,
  },
  {
    way: 'a step of the plan that exits with 1',
    step: made,
    plan: `{ id: undo, title: Change, run: 'rm -f top base; test ! -e trouble; rm -f made' }`,
    says: /exit status 1, wanted 0/,
    looks: [[], ['--to', 'top'], ['--phase', 'one']],
  },
  {
    way: 'a check of the plan that does not hold',
    step: made,
    plan: `{ id: back, title: Back, run: 'rm -f top base made' }, { id: well, title: Change, check: '! test -e trouble', within: 1s, every: 200ms }`,
    says: /stopped at “Change”: exit status 1/,
  },
  {
    way: 'a step of the plan whose output is not as expected',
    step: made,
    plan: `{ id: undo, title: Change, run: 'rm -f top base made; ls', expect: { no-match: trouble } }`,
    says: /the output matches trouble/,
  },
  {
    way: 'an edit of the plan whose text is not there',
    step: `run: 'echo new > settings.txt'`,
    plan: `{ id: back, title: Back, run: 'rm -f top base' }, { id: text, title: Change, edit: { file: settings.txt, replace: new, with: old } }`,
    harm: (desk) => desk.write('settings.txt', 'theirs\n'),
    mend: (desk) => desk.write('settings.txt', 'new\n'),
    says: /stopped at “Change”: /,
  },
];

function bookOf({ step, plan }: Case): string {
  return `
version: 1
id: fire
title: Fire
phases:
  - id: one
    title: One
    steps:
      - { id: base, title: Base, run: touch base, undo: { run: rm base, verify: '! test -e base' } }
      - { id: change, title: Change, ${step} }
      - { id: top, title: Top, run: touch top, undo: rm top }
${plan === undefined ? '' : `    rollback: [${plan}]\n`}`;
}

/** Files of the folder with their texts, without what the program keeps. */
function world(desk: Desk): Readonly<Record<string, string>> {
  const files = readdirSync(desk.folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = files.map((one) => join(one.parentPath, one.name)).filter((path) => !path.startsWith(desk.home));
  return Object.fromEntries(paths.toSorted().map((path) => [path, readFileSync(path, 'utf8')]));
}

function runOf(desk: Desk, text: string): Run {
  const { events, damage } = readJournal(readFileSync(join(attempts(desk), '..', 'journal.ndjson')));
  expect(damage).toBeUndefined();
  const book = bookFrom(text);
  return replay('r', events, () => book);
}

async function status(desk: Desk): Promise<string> {
  return (JSON.parse((await desk.call(['status', 'book.yaml', '--json'])).out) as { readonly status: string }).status;
}

describe.concurrent('a rollback is never called one while an undo of it failed, and is one once it is mended', () => {
  for (const one of cases) {
    test(one.way, { timeout: 120_000 }, async (context) => {
      underDamage(context, one.way, 'Rollback 5', 'Rollback 7', 'Rollback 6');
      const text = bookOf(one);
      const desk = deskWith(text);
      context.onTestFinished(() => desk.dispose());
      mkdirSync(join(desk.folder, 'sub'));
      desk.write('settings.txt', 'old\n');
      const before = world(desk);
      const ran = await desk.call(['run', 'book.yaml', '--yes']);
      expect(ran.status, ran.out + ran.err).toBe(0);

      (one.harm ?? (() => desk.write('trouble', '')))(desk);
      const failed = await desk.call(rollBack);
      expect(failed.status, failed.out + failed.err).toBe(4);
      expect(failed.out).toMatch(one.says);
      expect(failed.out).toContain('Partly rolled back. It stopped at “Change”');
      expect(failed.out).not.toMatch(/^Rolled back/m);
      const stuck = runOf(desk, text);
      expect(runStatus(stuck)).toBe('rolling back');
      expect(stuck.rollbacks[0]?.ending).toBeUndefined();
      // What came before it is done, what comes after it waits.
      expect(existsSync(join(desk.folder, 'top'))).toBe(false);
      if (one.plan === undefined) expect(existsSync(join(desk.folder, 'base'))).toBe(true);
      expect(existsSync(join(desk.folder, 'ran'))).toBe(false);
      for (const limits of one.looks ?? []) {
        const refused = await desk.call(['run', 'book.yaml', '--yes', ...limits]);
        expect(refused.out).toContain('A rollback is under way. Finish it or give it up first');
        expect(refused.status).toBe(1);
      }

      (one.mend ?? (() => rmSync(join(desk.folder, 'trouble'))))(desk);
      const again = await desk.call(rollBack);
      expect(again.status, again.out + again.err).toBe(3);
      expect(again.out).toMatch(/^Rolled back\.$/m);
      if (one.looks) expect(await status(desk)).toBe('rolled back');
      expect(world(desk)).toEqual(before);
      const run = runOf(desk, text);
      expect(runStatus(run)).toBe('rolled back');
      expect(run.rollbacks).toHaveLength(1);
      expect(run.rollbacks[0]?.firstFailure).toEqual(stuck.rollbacks[0]?.firstFailure);
      expect(run.rollbacks[0]?.firstFailure).toBeDefined();
      // Nothing but what failed was done twice.
      const undone = run.attempts.flatMap(({ purpose }) => (purpose.kind === 'undo' ? [purpose.itemId] : []));
      const failedId = run.rollbacks[0]?.firstFailure?.itemId;
      const expected = run.rollbacks[0]?.plan.items.flatMap(({ id }) => (id === failedId ? [id, id] : [id]));
      expect(undone).toEqual(expected);
      expect(Object.values(run.steps).map((state) => state.status)).toEqual(['undone', 'undone', 'undone']);
    });
  }
});
