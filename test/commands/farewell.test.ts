import { expect, test } from 'vitest';
import { farewell, stillRunning } from '../../src/commands/farewell.ts';
import type { AttemptLife } from '../../src/run/state.ts';
import { anAttempt, aPhase, aRun, aRunbook, aStep, runBegan } from '../support/run-builder.ts';

const since = runBegan;

test.each<readonly [string, AttemptLife, readonly string[]]>([
  [
    'is about to begin',
    { status: 'starting' },
    ['  was about to begin: Migrate; opening the run again shows whether it did'],
  ],
  ['runs', { status: 'running', since }, ['  goes on running: Migrate']],
  ['is being stopped', { status: 'stopping', since, requestedAt: since, why: 'x' }, ['  goes on running: Migrate']],
  ['did not start', { status: 'withdrawn', why: 'no space left', at: since }, []],
])('what is said of an attempt that %s', (_, life, lines) => {
  const book = aRunbook([aPhase('p', [aStep('migrate')])]);
  const run = aRun(book, { attempts: [anAttempt(1, 'migrate', life, { title: 'Migrate' })] });
  expect(stillRunning(run)).toEqual(lines);
  expect(farewell(run, 'deploy').slice(1)).toEqual(lines);
});
