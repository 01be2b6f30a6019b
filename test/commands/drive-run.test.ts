import { expect, test } from 'vitest';
import { driveRun } from '../../src/commands/drive-run.ts';
import type { Interruption } from '../../src/commands/interruption.ts';
import type { Outcome } from '../../src/commands/outcome.ts';
import { runUnattended } from '../../src/commands/unattended.ts';
import { bookOf } from '../support/book.ts';
import { engineLab } from '../support/engine-lab.ts';
import { waitFor } from '../support/wait-for.ts';

const book = bookOf(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: 'true', readonly: true }
      - { id: b, title: B, run: 'true', readonly: true }
`);

/** A signal that comes when it is told to, and a transcript that says when it is ended. */
function surroundings(log: string[], told: Promise<void> = Promise.resolve()) {
  const { promise: asked, resolve } = Promise.withResolvers<string>();
  let isAsked = false;
  const interruption: Interruption = { asked, isAsked: () => isAsked, forget: () => log.push('forget') };
  const end = (how: string) => () => {
    log.push(how);
    return told;
  };
  return {
    transcript: { finish: end('finish telling'), stop: end('stop telling') },
    interruption,
    signal: () => {
      isAsked = true;
      resolve('SIGTERM');
    },
  };
}

const interrupted: Outcome = { status: 130, why: 'interrupted by SIGTERM; it waits' };

test('a signal lets go of the run at once, and nothing begins however long the telling takes', async () => {
  const lab = engineLab(book, { '0001-a': 'until stopped' });
  const told = Promise.withResolvers<void>();
  const { signal, ...rest } = surroundings(lab.log, told.promise);
  const work = () => runUnattended(lab.engine, { yes: true });
  const driven = driveRun({ engine: lab.engine, ...rest, work, afterSignal: 'it waits' });
  await waitFor(() => lab.log.includes('start 0001-a'), { what: 'the step begins' });
  signal();
  await waitFor(() => lab.log.includes('stop telling'), { what: 'the telling is stopped' });
  await lab.runners.stop('0001-a');
  await lab.engine.idle();
  expect(lab.log.slice(lab.log.indexOf('detach'))).toEqual(['detach', 'forget', 'stop telling', 'stop 0001-a']);
  told.resolve();
  expect(await driven).toEqual(interrupted);
  lab.nothingLeft();
});

test('a signal that came while the run was opened leaves it at that', async () => {
  const lab = engineLab(book);
  const { signal, ...rest } = surroundings(lab.log);
  signal();
  const work = () => runUnattended(lab.engine, { yes: true });
  expect(await driveRun({ engine: lab.engine, ...rest, work, afterSignal: 'it waits' })).toEqual(interrupted);
  expect(lab.log).toEqual(['detach', 'forget', 'stop telling']);
});

test('what is over is told to its end, but only once the run is let go of', async () => {
  const ended = { kind: 'exited', status: 0 } as const;
  const lab = engineLab(book, { '0001-a': ended, '0002-b': ended });
  const { signal: _, ...rest } = surroundings(lab.log);
  const work = () => runUnattended(lab.engine, { yes: true });
  const outcome = await driveRun({ engine: lab.engine, ...rest, work, afterSignal: 'it waits' });
  expect([outcome.status, ...lab.log.slice(-3)]).toEqual([0, 'detach', 'forget', 'finish telling']);
});
