import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openingOf, openToOthers } from '../../src/adapters/open-to-others.ts';

const own = { uid: 501, gid: 20 };

test.each([
  ['mine', { uid: 501, gid: 20, mode: 0o100644 }, undefined],
  ['root’s', { uid: 0, gid: 0, mode: 0o100664 }, undefined],
  ['everybody’s', { uid: 501, gid: 20, mode: 0o100666 }, /every user here .*chmod go-w \/a\/b/],
  ['my group’s', { uid: 501, gid: 20, mode: 0o100664 }, /in its group \(number 20\).*chmod g-w \/a\/b/],
  ['another user’s', { uid: 502, gid: 20, mode: 0o100600 }, /another user \(number 502\).*copy of your own/],
])('a file that is %s', (_, entry, wanted) => {
  const said = openingOf('/a/b', entry, own).map(({ why, mend }) => `${why} ${mend}`);
  expect(said).toEqual(wanted === undefined ? [] : [expect.stringMatching(wanted)]);
});

test('a group that is the user’s alone is nobody else’s', () => {
  expect(openingOf('/a/b', { uid: 1000, gid: 1000, mode: 0o100664 }, { uid: 1000, gid: 1000 })).toEqual([]);
  expect(openingOf('/a/b', { uid: 1000, gid: 100, mode: 0o100664 }, { uid: 1000, gid: 1000 })).toHaveLength(1);
});

test('a folder counts unless it keeps files to their owners, and the one that a link leads to', async (context) => {
  const root = mkdtempSync(join(tmpdir(), 'open-to-others-'));
  context.onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = join(root, 'it’s here');
  mkdirSync(folder);
  const file = join(folder, 'book.yaml');
  writeFileSync(file, '');
  symlinkSync(file, join(root, 'link.yaml'));
  const found = async (path: string) => (await openToOthers(path)).map(({ path: where, mend }) => [where, mend]);
  expect(await found(file)).toEqual([]);
  chmodSync(folder, 0o777);
  const mended = [[folder, `Close it: chmod go-w '${folder}'`]];
  expect([await found(file), await found(join(root, 'link.yaml'))]).toEqual([mended, mended]);
  chmodSync(folder, 0o1777);
  expect(await found(file)).toEqual([]);
  expect(await found(join(root, 'missing'))).toEqual([]);
});
