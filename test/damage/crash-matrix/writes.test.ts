import { expect, test } from 'vitest';
import { runningAttempts, stateOf } from '../../../src/run/select.ts';
import { runStatus } from '../../../src/run/status.ts';
import { underDamage } from '../../support/damage.ts';
import type { Ended } from '../../support/program.ts';
import { allBoundaries, type Boundary, chosenBoundaries } from './boundaries.ts';
import type { CrashDesk } from './crash-desk.ts';
import { chosenOf, forEvery, holds, isDone, nothingIsLeft, said, traceOf } from './every-place.ts';
import { kinds } from './kinds.ts';
import {
  agrees,
  anyUnproven,
  begunOf,
  holdsTheQueue,
  leftBy,
  mayStillRun,
  nothingIsClaimed,
  runOf,
} from './what-holds.ts';

/*
 * Where a process can be killed is read off a run that is traced, so that a write which is added is met as well. The default
 * takes a set in which every kind of step meets every kind of write, victim and direction once; RUNBOOK_DAMAGE=all takes
 * every place, which takes hours, RUNBOOK_DAMAGE=300 so many by chance, and CRASH_ONLY=REGEX those whose line matches, such
 * as `edit, rollback: runner`.
 */

const RECOVERING = 'writer run journal.ndjson write #2';

async function killedForward(desk: CrashDesk, at: Boundary, isTwice: boolean): Promise<void> {
  const { ended, hit } = await desk.crashed(at);
  expect(hit, `it did not come there: ${said(ended)}`).toBe(true);
  nothingIsClaimed(desk);
  const left = leftBy(desk);
  const again = await goneOn(desk, isTwice);
  agrees(desk, left);
  holds(desk);
  const isUnknown = isUnknownNow(desk);
  const wantsPerson = desk.kind.isOnScreen === true && begunOf(desk, 'step').length === 0;
  expect(again.status, said(again)).toBe(isUnknown || wantsPerson ? 5 : 0);
  if (isUnknown) {
    expect(again.out).toContain('Nobody knows how');
    holdsTheQueue(desk);
  }
  await isTakenBack(desk);
  await nothingIsLeft(desk);
}

/** Opens the run again and goes on with it; `isTwice`: its writer is killed once more, when it has found something out. */
async function goneOn(desk: CrashDesk, isTwice: boolean): Promise<Ended> {
  // Once it is over, a further call begins another run.
  const isDue = isTwice && !isOver(desk);
  if (isDue) await desk.crashed({ command: 'run', label: RECOVERING, victims: 'self', when: 'before' });
  nothingIsClaimed(desk);
  return isOver(desk) ? { status: 0, out: '', err: '' } : desk.go('run');
}

function isOver(desk: CrashDesk): boolean {
  const run = desk.run();
  return run !== undefined && runStatus(run) === 'succeeded' && runningAttempts(run).length === 0;
}

function isUnknownNow(desk: CrashDesk): boolean {
  const run = desk.run();
  return run !== undefined && ['step', 'after'].some((id) => stateOf(run, id).status === 'unknown');
}

/** Rolls back whatever the step has come to: that is said only if it is so, and what may still run is asked about, or named. */
async function isTakenBack(desk: CrashDesk): Promise<void> {
  const hasUndo = desk.kind.undone !== undefined || begunOf(desk, 'after').length > 0;
  const undone = await desk.go('rollback');
  holds(desk);
  // A command that has ended meanwhile is proven gone by that very call.
  const mayRun = mayStillRun(desk, 'step');
  const mayAfterRun = mayStillRun(desk, 'after');
  if (mayAfterRun) {
    // It was begun last, and holds up the undo that comes first.
    expect(undone.status, said(undone)).toBe(4);
    expect(undone.out).toContain('“After” could not be proven gone');
    const again = await rolledOn(desk);
    if (again.status !== 5) expect([3, 4], said(again)).toContain(again.status);
    return;
  }
  if (!mayRun) {
    expect(undone.status, said(undone)).toBe(begunOf(desk, 'step').length > 0 ? 3 : 1);
    return;
  }
  // A service has nothing but its stop; what changes nothing has no undo.
  expect(undone.status, said(undone)).toBe(desk.kind.id === 'service' && !hasUndo ? 1 : 4);
  if (hasUndo) {
    expect(undone.out).toContain('“Step” could not be proven gone');
    const again = await rolledOn(desk);
    if (again.status !== 5) expect([3, desk.kind.undone === undefined ? 4 : 3], said(again)).toContain(again.status);
  }
  if (desk.kind.undone === undefined)
    expect(undone.out).toContain('stays: Step: its processes could not be proven gone');
}

/** Rolls on until it is over, or asks what nobody but a person can answer: whether what can't be found still runs. */
async function rolledOn(desk: CrashDesk): Promise<Ended> {
  for (let calls = 1; ; calls += 1) {
    const ended = await desk.go('rollback');
    holds(desk);
    const isWaiting = runOf(desk).rollbacks.at(-1)?.ending === undefined;
    // What was found out in this call was told; whoever calls again has read it.
    if (calls < 3 && ended.status === 4 && isWaiting) continue;
    if (ended.status !== 5) return ended;
    expect(ended.out).toContain('is not proven gone and may still be running');
    expect(anyUnproven(desk), 'it asks about what is proven gone').toBe(true);
    if (calls === 3 || ended.out.includes('which process it was is not written down')) return ended;
    desk.endCommands();
  }
}

async function killedBack(desk: CrashDesk, at: Boundary): Promise<void> {
  await desk.doByHand();
  await isDone(desk);
  const { ended, hit } = await desk.crashed(at);
  expect(hit, `it did not come there: ${said(ended)}`).toBe(true);
  nothingIsClaimed(desk);
  const left = leftBy(desk);
  const wasOver = runOf(desk).rollbacks.at(-1)?.ending !== undefined;
  const again = await desk.go('rollback');
  agrees(desk, left);
  holds(desk);
  // What is unknown, or did not start, is tried again by a key only: once more. After the end there is nothing to do.
  const last = again.status === 4 ? await rolledOn(desk) : again;
  if (last.status !== 5) expect(last.status, said(last)).toBe(wasOver ? 1 : 3);
  await nothingIsLeft(desk);
}

function placeOf({ kind, command, victims, when, label }: Boundary): string {
  return `${kind.id}, ${command}: ${victims} killed ${when} ${label}`;
}

test('killed at every write of the screen and of the runner, forward and in the rollback', async (context) => {
  const damage = underDamage(
    context,
    'kill -9 at any write of the screen and of a runner',
    ...(['Journal 1', 'Journal 2', 'Journal 3', 'Journal 5', 'Steps 2', 'Steps 3', 'Steps 5'] as const),
    ...(['No screen 1', 'No screen 2', 'No screen 3', 'Rollback 5', 'Rollback 6', 'Rollback 7', 'Rollback 9'] as const),
  );
  const traces = (await Promise.all(kinds.map(traceOf))).flat();
  const all = traces.flatMap(allBoundaries);
  await forEvery(chosenOf(all, chosenBoundaries), damage, placeOf, async (desk, at, left) =>
    at.command === 'run' ? killedForward(desk, at, left % 4 === 0) : killedBack(desk, at),
  );
}, 7_200_000);
