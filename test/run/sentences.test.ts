import { expect, test } from 'vitest';
import {
  durationText,
  endingText,
  estimateText,
  eventSentence,
  lengthText,
  reasonText,
} from '../../src/run/sentences.ts';
import type { Reason } from '../../src/run/state.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun } from '../support/decided-run.ts';

test.each([
  [0, '0:00'],
  [42_900, '0:42'],
  [725_000, '12:05'],
  [3_723_000, '1:02:03'],
  [-5, '0:00'],
])('%i ms are %s', (ms, text) => expect(durationText(ms)).toBe(text));

test.each([
  [200, '200ms'],
  [45_000, '45s'],
  [5_400_000, '1h30m'],
  [1_209_600_000, '2w'],
])('a length of %i ms is written %s', (ms, text) => expect(lengthText(ms)).toBe(text));

test('an estimate may be a range', () => {
  expect([estimateText({ minMs: 60_000, maxMs: 60_000 }), estimateText({ minMs: 60_000, maxMs: 120_000 })]).toEqual([
    '1m',
    '1m–2m',
  ]);
});

test.each<[Reason, string]>([
  [{ kind: 'timed out', afterMs: 60_000 }, 'timed out after 1m'],
  [{ kind: 'stopped', signal: 'SIGTERM' }, 'stopped with SIGTERM'],
  [{ kind: 'could not start', message: 'gone' }, 'could not start: gone'],
  [{ kind: 'killed', signal: 'SIGSEGV' }, 'killed by SIGSEGV'],
  [{ kind: 'unmet', unmet: { what: 'exit', wanted: '0', found: '3' } }, 'exit status 3, wanted 0'],
  [
    { kind: 'unmet', unmet: { what: 'match', wanted: 'ok', found: 'no output' } },
    'no line of the output matches ok: no output',
  ],
  [{ kind: 'unmet', unmet: { what: 'no-match', wanted: 'err', found: 'an err' } }, 'the output matches err: an err'],
  [{ kind: 'verify', found: 'exit status 1' }, 'verify did not hold: exit status 1'],
  [{ kind: 'verify', found: 'no line', lineLost: true }, 'verify has no answer: no line'],
  [{ kind: 'marked failed', note: 'seen' }, 'marked failed: seen'],
])('%o is “%s”', (reason, text) => expect(reasonText(reason)).toBe(text));

test('no ending that was not verified is called a success', () => {
  expect(endingText({ kind: 'exited', status: 0 })).toBe('exit status 0');
});

test('every event of a run has a sentence or is told by another', () => {
  const run = new DecidedRun(
    bookOf('  - { id: one, title: One, steps: [{ id: a, title: A, run: x, verify: y, undo: z }] }'),
  );
  run.runOn();
  run.settle();
  run.rollBack();
  run.settle();
  expect(run.events.flatMap((event) => eventSentence(run.run, event) ?? [])).toEqual([
    'The run began: Book',
    '“A” started',
    '“A” ended: exit status 0',
    '“A”: verify holds',
    'Running on ended: every step is done',
    'A rollback of 1 undo began',
    '“Undo: A” started',
    '“Undo: A” ended: exit status 0',
    'Rolled back',
  ]);
});
