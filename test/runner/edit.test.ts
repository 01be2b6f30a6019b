import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { editPreviews } from '../../src/adapters/edit-preview.ts';
import { type EditJournal, editState } from '../../src/runner/edit-journal.ts';
import { replaceInText, toByteText } from '../../src/runner/edit-text.ts';
import type { Ending } from '../../src/runner/spec.ts';
import { type AttemptLab, attemptLab } from '../support/attempt.ts';

describe('replacing a text', () => {
  test.each([
    ['plain', 'a = 1\n', 'a = 1', 'a = 2', 1, 'a = 2\n'],
    ['Windows line endings stay', 'a\r\nb\r\nc\r\n', 'a\nb\n', 'x\ny\n', 1, 'x\r\ny\r\nc\r\n'],
    ['new lines take the file’s endings', 'a\r\nb\r\n', 'a', 'x\ny', 1, 'x\r\ny\r\nb\r\n'],
    ['mixed endings: those of the place', 'q\r\na\nb\n', 'a\nb', 'x\ny', 1, 'q\r\nx\ny\n'],
    ['a byte order mark stays', '\uFEFFa\n', 'a', 'b', 1, '\uFEFFb\n'],
    ['no final newline stays none', 'x\na', 'a', 'b', 1, 'x\nb'],
    ['several times', 'a a a', 'a', 'b', 3, 'b b b'],
    ['signs of regular expressions are text', 'f(x) $1 [a]*', 'f(x) $1 [a]*', '$& $1', 1, '$& $1'],
    ['umlauts', 'größe', 'ö', 'oe', 1, 'groeße'],
  ])('%s', (_, content, replace, withText, times, text) => {
    const replaced = replaceInText(toByteText(content), { replace, with: withText, times });
    expect(replaced).toEqual({ kind: 'replaced', text: toByteText(text) });
  });

  test('bytes that are no UTF-8 come through', () => {
    const replaced = replaceInText('\xff\xfea\x80', { replace: 'a', with: 'b', times: 1 });
    expect(replaced).toEqual({ kind: 'replaced', text: '\xff\xfeb\x80' });
  });

  test.each([
    ['a\na\nb\na', 'a', 1, { count: 3, lines: [1, 2, 4] }],
    ['b', 'a', 1, { count: 0, lines: [] }],
    ['a', 'a', 2, { count: 1, lines: [1] }],
  ])('%j has %j not %i times', (content, replace, times, found) => {
    expect(replaceInText(content, { replace, with: 'x', times })).toEqual({ kind: 'not as expected', ...found });
  });
});

describe('an edit', () => {
  let lab: AttemptLab;
  let file: string;
  beforeEach(() => {
    lab = attemptLab();
    file = join(lab.root, 'pyproject.toml');
  });
  afterEach(() => lab.dispose());

  const edit = async (changes: { replace?: string; with?: string; times?: number } = {}) => {
    const work = { kind: 'edit', file, replace: '"py311"', with: '"py312"', times: 1, ...changes } as const;
    const attempt = await lab.start(lab.spec(work));
    return { ...attempt, end: await attempt.result() };
  };
  const restore = async (editFolder: string): Promise<Ending> => {
    const attempt = await lab.start(lab.spec({ kind: 'restore', file, editFolder, wasWritten: false }));
    return (await attempt.result()).ending;
  };

  test('changes the file, shows the diff, keeps mode and a backup, and can be taken back twice', async () => {
    const before = 'line\r\ntarget = "py311"\r\nend';
    writeFileSync(file, before);
    chmodSync(file, 0o750);
    const { end, folder, output } = await edit();
    expect(readFileSync(file, 'utf8')).toBe(before.replace('py311', 'py312'));
    expect(statSync(file).mode & 0o777).toBe(0o750);
    expect(end).toMatchObject({ ending: { kind: 'done' }, output: { on: 'none' } });
    expect(end.edit?.beforeSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(join(folder, end.edit?.backup ?? ''), 'utf8')).toBe(before);
    expect(output()).toContain('\u001b[31m-target = "py311"');
    expect(output()).toContain('\u001b[32m+target = "py312"');
    expect(await editState(folder, false)).toBe('as we left it');
    chmodSync(file, 0o600);
    expect((await restore(folder)).kind).toBe('done');
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(statSync(file).mode & 0o777).toBe(0o750);
    expect((await restore(folder)).kind).toBe('done');
    expect(readdirSync(lab.root).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('that was done twice is taken back twice, the last first; what never wrote is passed over', async () => {
    const before = 'a "py311" b';
    writeFileSync(file, before);
    const first = await edit({ with: '"py311" and "py312"' });
    const nothing = await edit({ replace: 'not there' });
    const second = await edit();
    expect(readFileSync(file, 'utf8')).toBe('a "py312" and "py312" b');
    const edits = [second, nothing, first].map(({ folder, end }) => ({
      editFolder: folder,
      wasWritten: end.edit !== undefined,
    }));
    const [last, ...earlier] = edits as [(typeof edits)[0], ...typeof edits];
    const work = { kind: 'restore', file, ...last, earlier } as const;
    expect(await editPreviews.isAsLeft(work)).toEqual({ held: true, found: `${file} is as the edit left it` });
    expect((await (await lab.start(lab.spec(work))).result()).ending.kind).toBe('done');
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(await editPreviews.isAsLeft(work)).toEqual({ held: true, found: `${file} is as it was before the edit` });
    // Once more, with another hand in between.
    writeFileSync(file, 'other');
    expect(await editPreviews.isAsLeft(work)).toMatchObject({ held: false });
    expect((await (await lab.start(lab.spec(work))).result()).ending.kind).toBe('not met');
    expect(readFileSync(file, 'utf8')).toBe('other');
  });

  test('of two files, by two attempts, is taken back in both, or in none that somebody changed since', async () => {
    const other = join(lab.root, 'other');
    for (const path of [file, other]) writeFileSync(path, 'a "py311" b');
    const first = await edit();
    const attempt = await lab.start(
      lab.spec({ kind: 'edit', file: other, replace: '"py311"', with: '"py312"', times: 1 }),
    );
    await attempt.result();
    const last = { editFolder: attempt.folder, wasWritten: true };
    const earlier = [{ editFolder: first.folder, wasWritten: true }];
    const work = { kind: 'restore', file: other, ...last, earlier } as const;
    writeFileSync(other, 'by hand');
    expect(await editPreviews.isAsLeft(work)).toEqual({ held: false, found: `${other} was changed since the edit` });
    expect((await (await lab.start(lab.spec(work))).result()).ending.kind).toBe('not met');
    writeFileSync(other, 'a "py312" b');
    expect((await (await lab.start(lab.spec(work))).result()).ending.kind).toBe('done');
    for (const path of [file, other]) expect(readFileSync(path, 'utf8')).toBe('a "py311" b');
  });

  test('of a link changes its target and keeps the link', async () => {
    writeFileSync(join(lab.root, 'target'), '"py311"');
    symlinkSync('target', file);
    const { folder } = await edit();
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(lab.root, 'target'), 'utf8')).toBe('"py312"');
    await restore(folder);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('"py311"');
  });

  test.each([
    [
      'is not there',
      'a\ntarget-version = "py310"\n',
      [/wanted:\n {4}"py311"/, /nearest, at line 2:\n {4}target-version = "py310"/],
    ],
    ['is there too often', '"py311" "py311"\n"py311"', [/is there 3 times/, /line 1, 1, 2/, /wanted once/]],
    ['was replaced already', 'x = "py312"\n', [/the new text is there already/]],
  ])('whose text %s is not met, with both versions shown, and changes nothing', async (_, content, patterns) => {
    writeFileSync(file, content);
    const { end, output, folder } = await edit();
    for (const pattern of patterns) {
      expect(end.ending).toEqual({ kind: 'not met', found: expect.stringMatching(pattern) });
      expect(output().replaceAll('\r\n', '\n')).toMatch(pattern);
    }
    expect(readFileSync(file, 'utf8')).toBe(content);
    expect(end.edit).toBeUndefined();
    expect(await editState(folder, false)).toBe('never changed');
    expect((await restore(folder)).kind).toBe('done');
  });

  test('of a missing file is not met', async () => {
    expect((await edit()).end.ending).toEqual({ kind: 'not met', found: `${file} does not exist` });
  });

  test('is not taken back if the file was changed since, or is gone', async () => {
    writeFileSync(file, '"py311"');
    const { folder } = await edit();
    writeFileSync(file, '"py312" and more');
    expect(await editState(folder, false)).toBe('changed since');
    expect(await restore(folder)).toEqual({ kind: 'not met', found: expect.stringContaining('was changed since') });
    expect(readFileSync(file, 'utf8')).toBe('"py312" and more');
  });

  test('that was cut off between its record and the rename is taken back by removing what it left', async () => {
    writeFileSync(file, '"py311"');
    const { folder } = await edit();
    const journal = JSON.parse(readFileSync(join(folder, 'edit.json'), 'utf8')) as EditJournal;
    writeFileSync(file, '"py311"');
    writeFileSync(journal.temporary, '"py3');
    expect(await editState(folder, false)).toBe('as before the edit');
    expect((await restore(folder)).kind).toBe('done');
    expect(readFileSync(file, 'utf8')).toBe('"py311"');
    expect(existsSync(journal.temporary)).toBe(false);
  });
});
