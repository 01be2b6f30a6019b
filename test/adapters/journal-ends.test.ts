import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readJournalEnds } from '../../src/adapters/journal-ends.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync('/tmp/rb-ends-');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (type: string, data: object) =>
  `${JSON.stringify({ seq: 1, at: 1, by: 'rob@studio', type, data, prev: 'ab' })}\n`;
const begun = line('RunStarted', { values: { NOTE: '"after":"x"},"prev":"ab"}' }, version: '1', after: 'run-1' });
const first = line('RunStarted', { values: { NOTE: '"after":"x"},"prev":"ab"}' }, version: '1' });
const closed = line('RunClosed', { note: 'over' });
const note = line('NoteAdded', { text: '"type":"RunClosed"' });

test.each([
  ['nothing', '', { isPutAside: false }],
  ['a run that goes on', first, { isPutAside: false }],
  ['a run that takes the place of another', begun + note, { isPutAside: false, after: 'run-1' }],
  ['one that was put aside', begun + note.repeat(1_000) + closed, { isPutAside: true, after: 'run-1' }],
  ['one with a note behind that', first + closed + note, { isPutAside: false }],
  ['one that is being put aside', first + closed.slice(0, -1), { isPutAside: false }],
  [
    'one whose first line is longer than is looked at',
    line('RunStarted', { text: 'x'.repeat(99_999) }) + closed,
    { isPutAside: true },
  ],
])('of %s', async (_, text, ends) => {
  writeFileSync(join(folder, 'journal'), text);
  expect(await readJournalEnds(join(folder, 'journal'))).toEqual(ends);
});

test('of what is not there, or is no file', async () => {
  expect(await readJournalEnds(join(folder, 'journal'))).toEqual({ isPutAside: false });
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(await readJournalEnds(join(folder, 'pipe'))).toEqual({ isPutAside: false });
});
