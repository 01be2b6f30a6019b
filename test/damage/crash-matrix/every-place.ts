import { expect } from 'vitest';
import type { underDamage } from '../../support/damage.ts';
import type { Ended } from '../../support/program.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Place, Trace } from './boundaries.ts';
import { type CrashDesk, crashDesk } from './crash-desk.ts';
import type { Kind } from './kinds.ts';
import { nothingIsClaimed, nothingRanTwice, toldBeforeRetried } from './what-holds.ts';

/** `all`: every place there is; a number: so many of them, by chance; absent: as few as show what all of them show. */
const HOW_MANY = process.env.RUNBOOK_DAMAGE;
/** CRASH_ONLY: those whose line matches. */
const only = new RegExp(process.env.CRASH_ONLY ?? '');
/** More of them at once than there are cores: most of the time they wait. */
const AT_ONCE = 6;

/** How a call ended, for a failure. */
export function said({ status, out, err }: Ended): string {
  return `exit ${status}\n${out}\n${err}`;
}

/** What holds at any moment after a damage. */
export function holds(desk: CrashDesk): void {
  nothingRanTwice(desk);
  nothingIsClaimed(desk);
  toldBeforeRetried(desk);
}

/**
 * Nothing stays of what belonged to a run that is over.
 *
 * @param but what may: a lock that could not be given back is that of a dead process.
 */
export async function nothingIsLeft(desk: CrashDesk, but: readonly string[] = []): Promise<void> {
  const left = () => desk.left().filter((one) => !but.includes(one));
  await waitFor(() => left().length === 0, { what: 'nothing is left' }).catch(() => {
    expect(left(), 'left behind').toEqual([]);
  });
}

/** Goes forward and back without any damage, and reads off what is written. */
export async function traceOf(kind: Kind): Promise<readonly Trace[]> {
  const desk = crashDesk(kind);
  try {
    const there = await desk.traced('run');
    expect(there.ended.status, said(there.ended)).toBe(kind.isOnScreen ? 130 : 0);
    if (kind.isOnScreen) await isDone(desk);
    const again = await desk.traced('rollback');
    expect(again.ended.status, said(again.ended)).toBe(3);
    holds(desk);
    return [
      { kind, command: 'run', labels: there.labels },
      { kind, command: 'rollback', labels: again.labels },
    ];
  } finally {
    desk.remove();
  }
}

/** Goes forward to the end. */
export async function isDone(desk: CrashDesk): Promise<void> {
  const there = await desk.go('run');
  expect(there.status, said(there)).toBe(0);
}

/** Those that are to be gone to. */
export function chosenOf<One extends Place>(
  all: readonly One[],
  fewest: (all: readonly One[]) => readonly One[],
): readonly One[] {
  if (HOW_MANY === 'all') return all;
  if (HOW_MANY === undefined) return fewest(all);
  return all
    .map((one) => ({ one, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, Number(HOW_MANY))
    .map(({ one }) => one);
}

/**
 * Does one thing for every place, some of them at once, each at a desk of its own; what fails is told with its place.
 *
 * @param act is given how many are still to come.
 */
export async function forEvery<One extends Place>(
  chosen: readonly One[],
  damage: ReturnType<typeof underDamage>,
  nameOf: (one: One) => string,
  act: (desk: CrashDesk, one: One, left: number) => Promise<void>,
): Promise<void> {
  const waiting = chosen.filter((one) => only.test(nameOf(one)));
  process.stdout.write(`${waiting.length} places${HOW_MANY === 'all' ? '' : '; RUNBOOK_DAMAGE=all takes every one'}\n`);
  const failures: string[] = [];
  const work = async () => {
    for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
      const desk = crashDesk(at.kind);
      damage.tried();
      try {
        await act(desk, at, waiting.length);
        damage.held();
      } catch (error) {
        failures.push(`${nameOf(at)}\n${error instanceof Error ? error.message : String(error)}\n${desk.story()}`);
      } finally {
        desk.remove();
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(failures.join('\n\n'), `${failures.length} failed`).toBe('');
}
