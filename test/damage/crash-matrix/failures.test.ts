import { expect, test } from 'vitest';
import { stateOf } from '../../../src/run/select.ts';
import { runStatus } from '../../../src/run/status.ts';
import { underDamage } from '../../support/damage.ts';
import type { Ended } from '../../support/program.ts';
import { waitFor } from '../../support/wait-for.ts';
import { allFailures, chosenFailures, type Failure } from './boundaries.ts';
import type { CrashDesk } from './crash-desk.ts';
import { chosenOf, forEvery, holds, isDone, nothingIsLeft, said, traceOf } from './every-place.ts';
import { kinds } from './kinds.ts';
import { agrees, begunOf, leftBy, nothingIsClaimed } from './what-holds.ts';

const IS_FOR_LOCK = /^writer (?:run (?:lock|folder sync)|begin )/;
const IS_RUNNERS_SYNC = /^runner \S+ folder sync/;
/** Doing without these costs nothing that anybody was promised. */
const DONE_WITHOUT = /preferences|unlink|socket|short|runner\.log|usage|folder mkdir|attempts sync/;

function placeOf({ kind, command, error, isLasting, label }: Failure): string {
  return `${kind.id}, ${command}: ${error}${isLasting ? ' until there is room' : ''} at ${label}`;
}

async function goesOn(desk: CrashDesk): Promise<void> {
  const isOver = () => {
    const run = desk.run();
    return run !== undefined && runStatus(run) === 'succeeded';
  };
  const again = isOver() ? undefined : await desk.go('run');
  holds(desk);
  const run = desk.run();
  // Nobody was killed: there is no reason not to know.
  const state = run === undefined ? undefined : stateOf(run, 'step').status;
  expect(state, again && said(again)).not.toBe('unknown');
  // One that failed is tried again by a person only.
  if (again !== undefined) expect(again.status, said(again)).toBe(state === 'failed' ? 1 : 0);
}

async function isTakenBack(desk: CrashDesk): Promise<void> {
  for (let calls = 1; ; calls += 1) {
    const wasBegun = begunOf(desk, 'step').length > 0;
    const undone = await desk.go('rollback');
    holds(desk);
    if (calls < 3 && undone.status === 4) continue;
    expect(undone.status, said(undone)).toBe(wasBegun ? 3 : 1);
    return;
  }
}

/** Lets it fail, which has to be told by its name. */
async function failed(desk: CrashDesk, at: Failure): Promise<Ended> {
  const { ended, hit, told } = await desk.failed(at);
  expect(hit, `it did not come there: ${said(ended)}`).toBe(true);
  const all = `${told}\n${said(ended)}`;
  expect(all).not.toMatch(/\n +at /);
  const isToldBy = (text: string) => text.includes(at.error);
  // A result may be read between its renaming and the sync that fails: then the next one, which has it durably, tells.
  if (IS_RUNNERS_SYNC.test(at.label) && !isToldBy(all))
    await waitFor(() => isToldBy(desk.results()), { what: `${at.error} is told or recorded` });
  else if (!IS_FOR_LOCK.test(at.label) && !DONE_WITHOUT.test(placeOf(at))) expect(all).toContain(at.error);
  nothingIsClaimed(desk);
  return ended;
}

async function failedForward(desk: CrashDesk, at: Failure): Promise<void> {
  await failed(desk, at);
  const left = leftBy(desk);
  await goesOn(desk);
  agrees(desk, left);
  await isTakenBack(desk);
  await nothingIsLeft(desk, IS_FOR_LOCK.test(at.label) ? ['its lock'] : []);
}

async function failedBack(desk: CrashDesk, at: Failure): Promise<void> {
  await desk.doByHand();
  await isDone(desk);
  const ended = await failed(desk, at);
  const left = leftBy(desk);
  if (ended.status !== 3) await isTakenBack(desk);
  agrees(desk, left);
  holds(desk);
  await nothingIsLeft(desk, IS_FOR_LOCK.test(at.label) ? ['its lock'] : []);
}

test('every write of the screen and of the runner fails, forward and in the rollback', async (context) => {
  const damage = underDamage(
    context,
    'a write of any file fails, once or until there is room',
    ...(['Journal 1', 'Journal 2', 'Journal 5', 'Steps 1', 'Steps 3', 'Steps 5'] as const),
    ...(['No screen 1', 'No screen 2', 'Rollback 5', 'Rollback 6', 'Rollback 7'] as const),
  );
  const traces = (await Promise.all(kinds.map(traceOf))).flat();
  // What is begun on a screen is looked at where it is taken back.
  const all = traces.flatMap(allFailures).filter(({ kind, command }) => command === 'rollback' || !kind.isOnScreen);
  await forEvery(chosenOf(all, chosenFailures), damage, placeOf, async (desk, at) =>
    at.command === 'run' ? failedForward(desk, at) : failedBack(desk, at),
  );
}, 7_200_000);
