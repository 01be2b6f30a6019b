import fc from 'fast-check';
import type { Runbook } from '../../src/definition/runbook.ts';
import type { AttemptReport } from '../../src/run/attempt-report.ts';
import type { Effect } from '../../src/run/effect.ts';
import type { RollbackScope } from '../../src/run/event.ts';
import type { Intent } from '../../src/run/intent.ts';
import { planRollback } from '../../src/run/rollback.ts';
import { activeRollback, stepsOf } from '../../src/run/select.ts';
import { bookOf } from './book.ts';
import { DecidedRun } from './decided-run.ts';
import { aResult } from './run-builder.ts';

/** Numbers that make one move each: what it is, of what, and how it comes out. */
type Move = readonly [what: number, which: number, how: number];

/** A runbook and what may be tried with it; {@link historyOf} plays it. */
export type History = { readonly book: Runbook; readonly moves: readonly Move[] };

/** Every kind of step with what matters to a rollback. */
const kinds = [
  "run: x, timeout: 1s, undo: 'undo it'",
  "run: x, verify: y, timeout: 1s, undo: { run: 'undo it', requires: r, verify: v, timeout: 7m }",
  "run: x, unless: y, retry: { times: 1, every: 1s }, undo: 'undo it'",
  'run: x',
  'run: x, readonly: true',
  'run: x, irreversible: it is out',
  'edit: { file: f, replace: p, with: q }',
  'manual: x',
  "service: x, undo: 'undo it'",
  'service: x, ready: { tcp: "localhost:1", within: 1s }',
  'watch: { check: x, every: 1s, for: 2s }',
] as const;

const plans = ['', '{ run: x }', '{ run: x, verify: y, timeout: 9m }, { manual: x }', '{ check: x, within: 1s }'];

/** Any runbook of a few phases with any history: steps in any order and with any end, rollbacks, screens that come and go. */
export const anyHistory: fc.Arbitrary<History> = fc.record({
  book: fc
    .array(
      fc.record({
        steps: fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 4 }),
        plan: fc.constantFrom('', '', ...plans),
        danger: fc.boolean(),
        isGated: fc.boolean(),
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((phases) =>
      // The last phase has none to lead to.
      bookOf(
        phases.map((one, at) => phaseText({ ...one, isGated: one.isGated && at < phases.length - 1 }, at)).join(''),
      ),
    ),
  moves: fc.array(fc.tuple(fc.nat(23), fc.nat(30), fc.nat(11)), { minLength: 30, maxLength: 70, size: 'max' }),
});

function phaseText(
  phase: {
    readonly steps: readonly string[];
    readonly plan: string;
    readonly danger: boolean;
    readonly isGated: boolean;
  },
  index: number,
): string {
  const id = `p${index + 1}`;
  const steps = phase.steps.map((keys, at) => `      - { id: ${id}s${at + 1}, title: ${id} ${at + 1}, ${keys} }\n`);
  let undos = 0;
  const plan = phase.plan.replaceAll('{ ', () => {
    undos += 1;
    return `{ id: ${id}u${undos}, title: ${id} undo ${undos}, `;
  });
  return [
    `  - id: ${id}\n    title: ${id}\n    danger: ${phase.danger}\n    steps:\n${steps.join('')}`,
    `    checklist: [{ id: ${id}seen, text: Seen }]\n`,
    phase.isGated ? '    gate: Go on?\n' : '',
    plan === '' ? '' : `    rollback: [${plan}]\n`,
  ].join('');
}

/** Plays a history, and calls after each move. */
export function historyOf({ book, moves }: History, after: (run: DecidedRun) => void): DecidedRun {
  const run = new DecidedRun(book);
  for (const move of moves) {
    play(run, move);
    after(run);
  }
  return run;
}

function play(run: DecidedRun, [what, which, how]: Move): void {
  if (what < 9) performOne(run, which, how);
  else if (what === 9) run.later(10_000_000).reopen();
  else want(run, [what, which, how]);
}

function want(run: DecidedRun, [what, which, how]: Move): void {
  const intent = intentOf(run, what, which, how);
  if (intent === undefined) return;
  switch (intent.type) {
    case 'run step':
    case 'run on':
    case 'retry undo':
    case 'resolve unknown':
      run.accept(intent);
      return;
    default:
      run.decide(intent);
  }
}

function intentOf(run: DecidedRun, what: number, which: number, how: number): Intent | undefined {
  const steps = stepsOf(run.run);
  const { id: stepId } = steps[which % steps.length] ?? { id: '' };
  const items = activeRollback(run.run)?.plan.items ?? [];
  const itemId = items[which % Math.max(1, items.length)]?.id;
  switch (what) {
    case 10:
    case 11:
    case 12:
    case 13:
      return { type: 'run step', stepId, answers: [], accepted: 'person' };
    case 14:
      return { type: 'run on', answers: [], accepted: '--yes' };
    case 15:
      return { type: 'stop step', stepId };
    case 16:
      return how < 6
        ? { type: 'skip step', stepId, reason: 'why not' }
        : { type: 'finish manual', stepId, note: '', accepted: 'person' };
    case 17: {
      const choice = (['adopt as done', 'run again', 'mark failed'] as const)[how % 3] ?? 'mark failed';
      return { type: 'resolve unknown', stepId, choice, note: 'seen' };
    }
    case 18: {
      const phaseId = run.runbook.phases[which % run.runbook.phases.length]?.id ?? '';
      return how < 6
        ? { type: 'tick item', itemId: `${phaseId}seen`, accepted: 'person' }
        : { type: 'open gate', phaseId, said: 'yes', accepted: 'person' };
    }
    case 19:
    case 20:
      return { type: 'start rollback', plan: planRollback(run.run, scopeOf(run, which, how)), accepted: '--yes' };
    default:
      return itemId === undefined ? undefined : undoIntentOf(itemId, what, how);
  }
}

function scopeOf(run: DecidedRun, which: number, how: number): RollbackScope {
  const { phases } = run.runbook;
  return how < 6 ? { kind: 'run' } : { kind: 'phase', phaseId: phases[which % phases.length]?.id ?? '' };
}

function undoIntentOf(itemId: string, what: number, how: number): Intent {
  if (what === 21) return how < 9 ? { type: 'resume rollback' } : { type: 'give up rollback', note: 'enough' };
  if (what === 22)
    return how < 8
      ? { type: 'finish manual undo', itemId, note: '', accepted: 'person' }
      : { type: 'stop undo', itemId };
  if (how < 6) return { type: 'retry undo', itemId, note: 'seen' };
  return { type: 'resolve undo', itemId, choice: how < 9 ? 'marked done' : 'skipped', note: 'seen' };
}

/** One of the things that are to be done is done, and comes out somehow. */
function performOne(run: DecidedRun, which: number, how: number): void {
  const [effect] = run.effects.splice(which % Math.max(1, run.effects.length), 1);
  if (effect === undefined) return;
  const answer = { held: how < 8, found: 'found' };
  switch (effect.type) {
    case 'ask unless':
      run.decide({
        type: 'unless answered',
        stepId: effect.stepId,
        asked: effect.asked,
        answer: { held: how > 8, found: '' },
      });
      return;
    case 'ask verify':
      run.decide({ type: 'verify answered', attempt: effect.attempt, answer });
      return;
    case 'ask item':
      run.decide({ type: 'item answered', itemId: effect.itemId, asked: effect.asked, answer });
      return;
    case 'wake for retry':
      run.decide({ type: 'retry due', stepId: effect.stepId, dueAt: effect.dueAt });
      return;
    case 'start attempt':
    case 'stop attempt':
      for (const report of reportsOf(run, effect, how)) run.report(effect.attempt, report);
      return;
    default:
      effect satisfies never;
  }
}

function reportsOf(
  run: DecidedRun,
  effect: Extract<Effect, { type: 'start attempt' | 'stop attempt' }>,
  how: number,
): readonly AttemptReport[] {
  const at = run.context.now;
  const started: AttemptReport = { type: 'started', at };
  const ended = (ending: Parameters<typeof aResult>[0], groupGone = true): AttemptReport => {
    const unmet = ending.kind === 'exited' && ending.status !== 0 ? [{ what: 'exit', wanted: '0', found: '1' }] : [];
    return { type: 'ended', result: { ...aResult(ending, 1, at), groupGone, unmet: unmet as never } };
  };
  if (effect.type === 'stop attempt')
    return how === 11
      ? [{ type: 'did not start', message: 'it was stopped before it started' }]
      : [ended({ kind: 'stopped', signal: how > 8 ? 'SIGKILL' : 'SIGINT' }, how < 10)];
  switch (how) {
    case 0:
      return [{ type: 'did not start', message: 'disk full' }];
    case 1:
      return [started, { type: 'ready', at }];
    case 2:
      return [started];
    case 3:
      return [started, ended({ kind: 'exited', status: 1 })];
    case 4:
      return [started, ended({ kind: 'timed out', afterMs: 1_000 })];
    case 5:
      return [{ type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'unknown' } }];
    case 6:
      return [started, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'gone' } }];
    default:
      return [started, { type: 'ready', at }, ended({ kind: 'exited', status: 0 })];
  }
}
