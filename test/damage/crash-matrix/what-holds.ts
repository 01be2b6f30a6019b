import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunEvent } from '../../../src/run/event.ts';
import { stateOf } from '../../../src/run/select.ts';
import type { Attempt, Run } from '../../../src/run/state.ts';
import { runStatus } from '../../../src/run/status.ts';
import { isThere } from '../../support/is-there.ts';
import { type CrashDesk, namesIn } from './crash-desk.ts';

type Life = Attempt['life']['status'];

/** What the files of an attempt say after the crash, whatever the program makes of it. */
export type Left = { readonly allowed: readonly Life[]; readonly files: ReadonlyMap<string, string> };

/** Looks at every attempt when nothing of the crash goes on any more, but runners that were not killed. */
export function leftBy(desk: CrashDesk): ReadonlyMap<number, Left> {
  const attempts = join(desk.runDir() ?? '/nowhere', 'attempts');
  return new Map(
    namesIn(attempts).map((name) => {
      const folder = join(attempts, name);
      const started = namesIn(folder).includes('started.json') ? json(join(folder, 'started.json')) : undefined;
      const isAlive = started?.runner !== undefined && isThere(started.runner.pid);
      // What a runner did last stands there only when it is seen to be gone; one that is still to start does not say so.
      const isGoingOn = isAlive || (started === undefined && desk.runners().length > 0);
      const names = namesIn(folder);
      const files = isGoingOn ? [] : names.map((file) => [file, readFileSync(join(folder, file), 'latin1')] as const);
      return [Number.parseInt(name, 10), { allowed: allowed(names, started?.kind, isAlive), files: new Map(files) }];
    }),
  );
}

function json(path: string): { readonly kind: string; readonly runner?: { readonly pid: number } } {
  return JSON.parse(readFileSync(path, 'utf8')) as never;
}

function allowed(names: readonly string[], started: string | undefined, isAlive: boolean): readonly Life[] {
  if (names.includes('result.json')) return ['ended'];
  if (started === 'withdrawn') return ['withdrawn'];
  if (started === undefined) return ['withdrawn', 'ended', 'running', 'stopping'];
  return isAlive ? ['ended', 'running', 'stopping'] : ['lost'];
}

/** The journal says of every attempt what its files say, and the files are as they were. */
export function agrees(desk: CrashDesk, left: ReadonlyMap<number, Left>): void {
  const run = runOf(desk);
  for (const [number, { allowed: lives, files }] of left) {
    const life = run.attempts[number - 1]?.life;
    // Its folder is made before it is written down; one that has never been begun may be left at that.
    if (life === undefined && lives.includes('withdrawn') && files.size === 0) continue;
    expect(lives, `attempt ${number}: ${JSON.stringify(life)}`).toContain(life?.status);
    const [name] = namesIn(join(desk.runDir() ?? '', 'attempts')).filter((one) => Number.parseInt(one, 10) === number);
    for (const [file, text] of files)
      expect(readFileSync(join(desk.runDir() ?? '', 'attempts', name ?? '', file), 'latin1'), `${name}/${file}`).toBe(
        text,
      );
  }
}

/** What the log says was executed has an attempt of its own that was not withdrawn; what succeeded is in the log. */
export function nothingRanTwice(desk: CrashDesk): void {
  const run = runOf(desk);
  const attemptsOf = (purposes: readonly string[]) =>
    run.attempts.filter(({ purpose, life }) => {
      const id = purpose.kind === 'step' ? purpose.stepId : purpose.itemId;
      return purposes.includes(id) && life.status !== 'withdrawn';
    });
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['step', ['step']],
    ['after', ['after']],
    ['undo-step', ['undo:step', 'only/back']],
    ['undo-after', ['undo:after']],
  ];
  for (const [line, ids] of lines) {
    const begun = attemptsOf(ids);
    const isFree =
      line === 'step' ? desk.kind.logs !== undefined : line === 'undo-step' && desk.kind.undone === undefined;
    if (!isFree) expect(desk.count(line), `lines “${line}”`).toBeLessThanOrEqual(begun.length);
    const isSure = begun.filter(({ life }) => life.status === 'ended').length;
    if (!isFree) expect(desk.count(line), `lines “${line}”`).toBeGreaterThanOrEqual(isSure);
  }
  // Nothing was tried again that was not told to be: undos are, by a further `runbook rollback`, and what is known to have
  // failed, by a further `runbook run`.
  const ofStep = attemptsOf(['step']);
  const again = ofStep
    .slice(0, -1)
    .filter(({ life }) => life.status === 'ended' && life.result.ending.kind === 'not met');
  const isTold = desk.events().filter(({ type }) => type === 'RunOnStarted').length > again.length;
  expect(isTold || again.length === 0, 'tried again without being told').toBe(true);
  expect(ofStep.length - again.length, 'attempts of the step').toBeLessThanOrEqual(desk.kind.attempts ?? 1);
  expect(attemptsOf(['after']).length, 'attempts of the step after it').toBeLessThanOrEqual(1);
}

/** What is claimed of the step is true. */
export function nothingIsClaimed(desk: CrashDesk): void {
  const run = desk.run();
  if (run === undefined) return;
  const isBegun = run.rollbacks.length > 0;
  if (stateOf(run, 'step').status === 'succeeded' && !isBegun) {
    if (desk.kind.id === 'edit') expect(desk.read('settings.txt')).toBe('new\n');
    if (desk.kind.logs !== 'never') expect(desk.count('step')).toBeGreaterThanOrEqual(desk.kind.attempts ?? 1);
    if (desk.kind.id === 'pipes') expect(run.values.VALUE).toBe('found');
  }
  const times = (type: RunEvent['type']) => desk.events().filter((event) => event.type === type).length;
  if (desk.kind.id === 'manual') expect(times('ManualDone'), 'what is done by hand').toBeLessThanOrEqual(1);
  if (desk.kind.id === 'ticks' && runStatus(run) === 'succeeded') {
    expect(run.items.seen?.status).toBe('ticked');
    expect(times('Confirmed'), 'the gate is opened once').toBe(1);
  }
  const rollback = run.rollbacks.at(-1);
  if (rollback?.ending?.kind === 'rolled back') isTakenBack(desk, run);
}

function isTakenBack(desk: CrashDesk, run: Run): void {
  if (begunOf(desk, 'step').length > 0 && desk.kind.undone !== undefined)
    expect(desk.count(desk.kind.undone), 'lines of its undo').toBeGreaterThan(0);
  expect(desk.read('settings.txt')).toBe('old\n');
  expect(run.items.seen?.status ?? 'open', 'a tick of what was taken back').toBe('open');
  expect(['undone', 'pending']).toContain(stateOf(run, 'step').status);
  expect(serviceIsUp(desk), 'the service is up although it says “rolled back”').toBe(false);
}

/** The step's end is unknown: that holds what comes after it. */
export function holdsTheQueue(desk: CrashDesk): void {
  const run = runOf(desk);
  expect(runStatus(run)).not.toBe('succeeded');
  if (run.attempts.some(({ purpose }) => purpose.kind === 'step' && purpose.stepId === 'after')) return;
  expect(desk.count('after')).toBe(0);
}

export function runOf(desk: CrashDesk): Run {
  const run = desk.run();
  if (run === undefined) throw new Error('there is no run');
  return run;
}

/** Attempts of a step that may have begun. */
export function begunOf(desk: CrashDesk, stepId: 'step' | 'after'): readonly Attempt[] {
  return runOf(desk).attempts.filter(
    ({ purpose, life }) => purpose.kind === 'step' && purpose.stepId === stepId && life.status !== 'withdrawn',
  );
}

/** Whether processes of a step's last attempt may still be there, as far as the journal knows. */
export function mayStillRun(desk: CrashDesk, stepId: 'step' | 'after'): boolean {
  const last = begunOf(desk, stepId).at(-1);
  return last !== undefined && isUnproven(last);
}

/** Whether any attempt's processes may still be there, as far as the journal knows. */
export function anyUnproven(desk: CrashDesk): boolean {
  return runOf(desk).attempts.some(isUnproven);
}

function isUnproven({ life }: Attempt): boolean {
  return (life.status === 'lost' && life.groupGone !== true) || (life.status === 'ended' && !life.result.groupGone);
}

/** Whether the process of the kind's service is there. */
export function serviceIsUp(desk: CrashDesk): boolean {
  const service = Number(desk.read('pid'));
  return service > 1 && isThere(service);
}

/** An undo of which nobody knows how it ended was told to be so before it was tried again. */
export function toldBeforeRetried(desk: CrashDesk): void {
  const unknown = new Set<string>();
  const itemOf = new Map<number, string>();
  for (const event of desk.events()) {
    if (event.type === 'RunOpened') unknown.clear();
    if (event.type === 'AttemptStarted' && event.purpose.kind === 'undo') {
      expect([...unknown], 'tried again without a word').not.toContain(event.purpose.itemId);
      itemOf.set(event.attempt, event.purpose.itemId);
    }
    if (event.type === 'AttemptLost') unknown.add(itemOf.get(event.attempt) ?? '');
  }
}
