import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createRunFolder,
  digestOf,
  listRunbookIds,
  listRunIds,
  newRunId,
  readDefinitions,
  runFolder,
  storeDefinition,
} from '../../src/adapters/run-folders.ts';

let data: string;
beforeAll(() => {
  data = mkdtempSync('/tmp/rb-folders-');
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

test('names sort by time and are not the same twice', () => {
  const [early, late] = [newRunId(Date.UTC(2026, 2, 1, 2, 14, 5)), newRunId(Date.UTC(2026, 2, 1, 12, 0, 0))];
  expect(early).toMatch(/^2026-03-01T02-14-05Z-[0-9a-f]{4}$/);
  expect(early < late).toBe(true);
  expect(new Set(Array.from({ length: 20 }, () => newRunId(0))).size).toBeGreaterThan(15);
});

test.each([
  ['of the same second', '2026-03-01T02-14-05Z-ffff', '2026-03-01T02-14-06Z'],
  ['of a clock that was ahead', '2026-12-31T23-59-59Z-0000', '2027-01-01T00-00-00Z'],
  ['of the second before', '2026-03-01T02-14-04Z-ffff', '2026-03-01T02-14-05Z'],
  ['that was put beside another', '2026-03-01T02-14-05Z-ffff.7.old', '2026-03-01T02-14-06Z'],
  ['that is none of ours', '2026-99-01T02-14-05Z-ffff', '2026-03-01T02-14-05Z'],
  ['that is something else', 'z', '2026-03-01T02-14-05Z'],
])('a name sorts behind one %s', (_, other, second) => {
  const name = newRunId(Date.UTC(2026, 2, 1, 2, 14, 5, 999), [other, '2025-01-01T00-00-00Z-0000']);
  expect(name).toMatch(new RegExp(`^${second}-[0-9a-f]{4}$`));
});

test('a run is kept privately with the definition as it stands, and every one that was adopted', async () => {
  const folder = await createRunFolder(data, 'book', '2026-a', 'first');
  await createRunFolder(data, 'book', '2025-b', 'other');
  const name = await storeDefinition(folder, 'second');
  expect(name).toBe(`runbook-${digestOf('second').slice(0, 12)}.yaml`);
  expect(await readDefinitions(folder)).toEqual(
    new Map([
      [digestOf('first'), 'first'],
      [digestOf('second'), 'second'],
    ]),
  );
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  expect(statSync(dirname(folder.path)).mode & 0o777).toBe(0o700);
  expect(statSync(`${folder.path}/runbook.yaml`).mode & 0o777).toBe(0o600);
  expect(readFileSync(`${folder.path}/runbook.yaml`, 'utf8')).toBe('first');
  expect(await listRunIds(data, 'book')).toEqual(['2025-b', '2026-a']);
  expect(await listRunbookIds(data)).toEqual(['book']);
  expect(runFolder(data, 'book', '2026-a')).toEqual(folder);
});

test('where nothing was ever run there is nothing', async () => {
  expect(await listRunIds(data, 'none')).toEqual([]);
  expect(await listRunbookIds(`${data}/none`)).toEqual([]);
});
