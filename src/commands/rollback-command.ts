import type { EngineApi, Reply } from '../engine/api.ts';
import { harmlessLine } from '../live/harmless-text.ts';
import { openRun } from '../open-run.ts';
import { findCurrentRun } from '../read-run.ts';
import type { RollbackItem } from '../run/event.ts';
import { staysAfter } from '../run/left-running.ts';
import { dangerousPhases } from '../run/rollback.ts';
import { activeRollback, phaseById, stepById } from '../run/select.ts';
import { reasonText } from '../run/sentences.ts';
import type { Rollback, Run, UndoState } from '../run/state.ts';
import { runStatus } from '../run/status.ts';
import type { DefinitionFile, Surroundings } from '../surroundings.ts';
import { asked } from './asked.ts';
import type { Console } from './console.ts';
import { driveRun } from './drive-run.ts';
import type { Interruption } from './interruption.ts';
import { verifyLeft } from './left-unproven.ts';
import { CommandError, exitStatus, type Outcome } from './outcome.ts';
import { rollbackPlanLines } from './rollback-plan-lines.ts';
import { requireName, tell, valuesFor, whyReadOnly } from './run-command.ts';
import { evidenceLines } from './tell-evidence.ts';

/** `runbook rollback NAME`: the plan of `r` on a plain terminal. Resolves with the exit status. */
export async function rollbackCommand(input: {
  readonly file: DefinitionFile;
  readonly options: { readonly phase?: string; readonly yes: boolean };
  readonly around: Surroundings;
  readonly console: Console;
  readonly interruption: Interruption;
}): Promise<number> {
  const { file, options, around, console } = input;
  const current = await findCurrentRun(around.dataDir, file.runbook.id);
  if (!current)
    throw new CommandError(`${file.runbook.id} has no run: there is nothing to roll back.`, exitStatus.failed);
  requireName(
    'phase',
    options.phase,
    file.runbook.phases.map((phase) => phase.id),
  );
  const { session } = await openRun(file, valuesFor(file, {}, {}, around, console), around);
  const engine = session.api;
  const readOnly = whyReadOnly(engine);
  if (readOnly) {
    await engine.close();
    console.out(readOnly.why);
    return readOnly.status;
  }
  const outcome = await driveRun({
    engine,
    interruption: input.interruption,
    transcript: tell(engine, around, console, false),
    work: () => rollBack(engine, options, console),
    afterSignal: 'the undo that runs goes on, the rest waits: runbook rollback goes on with it',
  });
  console.out(outcome.why);
  for (const line of outcome.details ?? []) console.out(harmlessLine(line));
  return outcome.status;
}

async function rollBack(
  engine: EngineApi,
  options: { readonly phase?: string; readonly yes: boolean },
  console: Console,
): Promise<Outcome> {
  const active = activeRollback(engine.run());
  const other = active && whyAnother(engine.run(), active, options.phase);
  if (other !== undefined) return { status: exitStatus.failed, why: other };
  // A step need not be proven to be taken back.
  const unproven = await verifyLeft(engine, ['undo']);
  if (unproven) return unproven;
  const started = active ? await goOn(engine, active, options, console) : await begin(engine, options, console);
  if (started) return started;
  await rollbackSettled(engine);
  while (options.yes && (await finishManual(engine))) await rollbackSettled(engine);
  return outcomeOf(engine);
}

/** Why the rollback that is under way is not the one that is asked for; undefined: it is. */
function whyAnother(run: Run, { plan: { scope } }: Rollback, phase: string | undefined): string | undefined {
  if (phase === undefined || (scope.kind === 'phase' && scope.phaseId === phase)) return undefined;
  return `A rollback of ${scopeName(run, scope)} is not finished. Without --phase, runbook rollback goes on with it.`;
}

function scopeName(run: Run, scope: Rollback['plan']['scope']): string {
  switch (scope.kind) {
    case 'run':
      return 'the whole run';
    case 'phase':
      return `“${harmlessLine(phaseById(run, scope.phaseId).title)}”`;
    case 'step':
      return `“${harmlessLine(stepById(run, scope.stepId).title)}”`;
    default:
      return scope satisfies never;
  }
}

/** Says what would be done, asks, and starts it. */
async function begin(
  engine: EngineApi,
  options: { readonly phase?: string; readonly yes: boolean },
  console: Console,
): Promise<Outcome | undefined> {
  const { phase } = options;
  const plan = engine.rollbackPlan(phase === undefined ? { kind: 'run' } : { kind: 'phase', phaseId: phase });
  for (const line of await rollbackPlanLines(engine, plan)) console.out(line);
  if (options.yes) return notBegun(await engine.send({ type: 'start rollback', plan, accepted: '--yes' }));
  const dangerous = dangerousPhases(engine.run(), plan).map(({ id }) => id);
  for (const wanted of dangerous.length > 0 ? dangerous : ['yes']) {
    const typed = await console.ask(wanted === 'yes' ? 'Roll back? Type yes: ' : `Type ${wanted} to roll back: `);
    if (typed === undefined)
      return { status: exitStatus.waiting, why: 'Rolling back has to be confirmed: on the terminal, or with --yes.' };
    if (typed.trim() !== wanted) return { status: exitStatus.waiting, why: 'Nothing was rolled back.' };
  }
  return notBegun(await engine.send({ type: 'start rollback', plan, accepted: 'person', typed: dangerous }));
}

/** Goes on with a rollback that was interrupted, or tries again the undo that failed. */
async function goOn(
  engine: EngineApi,
  active: Rollback,
  options: { readonly yes: boolean },
  console: Console,
): Promise<Outcome | undefined> {
  const stuck = stuckItem(active);
  if (stuck === undefined) return active.paused ? notBegun(await engine.send({ type: 'resume rollback' })) : undefined;
  const state = active.items[stuck.id];
  // Found out by this very opening: nobody was told of it yet, and what is unknown may still be running.
  if (state && 'at' in state && state.at >= (engine.run().opened?.at ?? 0)) return outcomeOf(engine);
  if (state?.status !== 'unknown') return notBegun(await engine.send({ type: 'retry undo', itemId: stuck.id }));
  console.out(`Nobody knows how the undo “${harmlessLine(stuck.title)}” ended: ${harmlessLine(state.why)}.`);
  for (const line of await evidenceLines(engine, state.attempt)) console.out(harmlessLine(line));
  const note = options.yes ? '--yes' : await console.ask('Run it again? Say in a note why, or nothing to leave: ');
  if (note === undefined || note.trim() === '')
    return { status: exitStatus.waiting, why: 'Nothing was run. Settle it on the screen: runbook, then r.' };
  return notBegun(await engine.send({ type: 'retry undo', itemId: stuck.id, note }));
}

function stuckItem({ plan, items }: Rollback): RollbackItem | undefined {
  return plan.items.find((item) => ['failed', 'unknown'].includes(items[item.id]?.status ?? ''));
}

function notBegun(reply: Reply): Outcome | undefined {
  if (reply.kind === 'refused') return { status: exitStatus.failed, why: reply.why };
  return reply.kind === 'ask' ? asked(reply.questions) : undefined;
}

async function finishManual(engine: EngineApi): Promise<boolean> {
  const rollback = activeRollback(engine.run());
  const item = rollback?.plan.items.find((one) => rollback.items[one.id]?.status === 'running');
  if (item?.work.kind !== 'plan' || item.work.step.action.kind !== 'manual') return false;
  const reply = await engine.send({ type: 'finish manual undo', itemId: item.id, note: '', accepted: '--yes' });
  return reply.kind === 'done';
}

/** Resolves when no undo runs any more, or one waits for a person. */
function rollbackSettled(engine: EngineApi): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      void engine.idle().then(() => {
        if (isGoingOn(engine)) return;
        unsubscribe();
        resolve();
      });
    };
    const unsubscribe = engine.subscribe(look);
    look();
  });
}

function isGoingOn(engine: EngineApi): boolean {
  const run = engine.run();
  const rollback = activeRollback(run);
  if (!rollback || rollback.paused) return false;
  if (run.attempts.some((attempt) => attempt.life.status === 'stopping')) return true;
  return rollback.plan.items.some((item) => {
    const state = rollback.items[item.id];
    const manual = item.work.kind === 'plan' && item.work.step.action.kind === 'manual';
    return state?.status === 'verifying' || (state?.status === 'running' && !manual);
  });
}

/** What was taken back of a phase or a step alone is not the run. */
function rolledBackText(run: Run, { plan: { scope } }: Rollback): string {
  if (scope.kind === 'run' || runStatus(run) === 'rolled back') return 'Rolled back.';
  return `Rolled back ${scopeName(run, scope)}. The rest of the run stands.`;
}

async function outcomeOf(engine: EngineApi): Promise<Outcome> {
  const rollback = engine.run().rollbacks.at(-1);
  const stays = (rollback ? staysAfter(engine.run(), rollback) : [])
    .map((one) => `\n  stays: ${harmlessLine(`${one.title}: ${one.why}`)}`)
    .join('');
  if (rollback?.ending?.kind === 'rolled back')
    return { status: exitStatus.rolledBack, why: `${rolledBackText(engine.run(), rollback)}${stays}` };
  const stuck = rollback?.plan.items.find((item) =>
    ['failed', 'unknown', 'running'].includes(rollback.items[item.id]?.status ?? ''),
  );
  const state = stuck && rollback?.items[stuck.id];
  const details = state?.status === 'unknown' ? await evidenceLines(engine, state.attempt) : [];
  const open = stuck ? ` It stopped at “${harmlessLine(stuck.title)}”: ${harmlessLine(wordsOf(state))}` : '';
  return { status: exitStatus.partlyRolledBack, why: `Partly rolled back.${open}${stays}`, details };
}

/** What keeps a rollback from going on, and what to do about it. */
function wordsOf(state: UndoState | undefined): string {
  const again = 'runbook rollback tries it again.';
  if (state?.status === 'failed') return `${state.reasons.map(reasonText).join('; ')}. ${again}`;
  // Everything else that runs was waited for.
  if (state?.status === 'running')
    return 'it is done by a person. Do it on the screen (runbook, then r), or accept it: --yes.';
  if (state?.status !== 'unknown') return `${state?.status ?? ''}. ${again}`;
  return `unknown how it ended: ${state.why}. Look at what it did; then ${again}`;
}
