import type { EngineApi, Reply } from '../engine/api.ts';
import type { Answer, Intent } from '../run/intent.ts';
import { whyUnproven } from '../run/missing-for-proof.ts';
import { runningServices } from '../run/ordering.ts';
import { expandFor } from '../run/plan.ts';
import {
  activeRollback,
  foregroundStepId,
  isDone,
  isInBackground,
  isPhaseDone,
  isReached,
  itemById,
  mayStillRun,
  phaseById,
  phaseOfStep,
  stateOf,
  stepById,
  stepsOf,
  unknownStepId,
} from '../run/select.ts';
import { stateText } from '../run/sentences.ts';
import type { Run } from '../run/state.ts';
import { runStatus } from '../run/status.ts';
import { asked, waiting, wantsPerson } from './asked.ts';
import { unaskableProof, verifyLeft } from './left-unproven.ts';
import { exitStatus, exitStatusOf, type Outcome } from './outcome.ts';
import { evidenceLines } from './tell-evidence.ts';

/** How far a run without a screen goes, and what it accepts by itself. */
export type UnattendedOptions = {
  readonly phaseId?: string;
  readonly toStepId?: string;
  /** Accept confirmations, gates and manual steps; each is recorded as accepted so. */
  readonly yes: boolean;
};

/** Drives a run by itself until it is over, fails, or meets what only a person can do. */
export async function runUnattended(engine: EngineApi, options: UnattendedOptions): Promise<Outcome> {
  const accepted = options.yes ? '--yes' : 'person';
  const { phaseId, toStepId } = options;
  const limits = { ...(phaseId === undefined ? {} : { phaseId }), ...(toStepId === undefined ? {} : { toStepId }) };
  const beside = notBeside(engine.run());
  if (beside) return beside;
  const unproven = await verifyLeft(engine);
  if (unproven) return unproven;
  for (;;) {
    await settled(engine);
    const unaskable = unaskableProof(engine);
    if (unaskable) return unaskable;
    const before = engine.run().lastSeq;
    const manual = waitingManual(engine, phaseId);
    if (manual !== undefined) {
      const title = expandFor(engine.run(), stepById(engine.run(), manual).title);
      if (!options.yes) return waiting(`“${title}” is done by a person. Do it on the screen: runbook`);
      const reply = await engine.send({ type: 'finish manual', stepId: manual, note: '', accepted: '--yes' });
      if (reply.kind === 'ask') return asked(reply.questions);
      if (reply.kind === 'refused') return { status: exitStatus.failed, why: reply.why };
      await settled(engine);
      // What was accepted and did not hold would be begun again, and accepted again, for ever.
      if (stateOf(engine.run(), manual).status === 'failed') return failedAt(engine, manual);
      continue;
    }
    const over = (await unknownOutcome(engine)) ?? outcomeNow(engine, options);
    if (over) return over;
    const reply = await sendAnswered(engine, { type: 'run on', ...limits, answers: [], accepted }, options.yes);
    if (reply.kind === 'ask') return asked(reply.questions);
    if (reply.kind === 'refused') return { status: exitStatus.failed, why: reply.why };
    await settled(engine);
    const stop = (await unknownOutcome(engine)) ?? afterRunningOn(engine, options, before);
    if (stop) return stop;
    if (!hasGoneOn(engine, before)) return stuck(engine);
  }
}

/** Whether anything happened but that running on was begun and ended. */
function hasGoneOn(engine: EngineApi, since: number): boolean {
  return engine
    .events()
    .slice(since)
    .some((event) => event.type !== 'RunOnStarted' && event.type !== 'RunOnEnded');
}

function stuck(engine: EngineApi): Outcome {
  const run = engine.run();
  return { status: exitStatusOf(runStatus(run)), why: run.runOnEnded ?? 'nothing more can be done' };
}

/** Resolves when nothing goes on that would bring the run further. */
export function settled(engine: EngineApi): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      void engine.idle().then(() => {
        if (isBusy(engine)) return;
        unsubscribe();
        resolve();
      });
    };
    const unsubscribe = engine.subscribe(look);
    look();
  });
}

function isBusy(engine: EngineApi): boolean {
  const run = engine.run();
  if (run.runOn) return true;
  const foreground = foregroundStepId(run);
  // What waits for a value brings nothing further.
  if (foreground !== undefined && whyUnproven(run, foreground, { secretsHeld: engine.secretsHeld() }) !== undefined)
    return false;
  if (foreground !== undefined)
    return stepById(run, foreground).action.kind !== 'manual' || stateOf(run, foreground).status !== 'running';
  const stopping = run.attempts.some((attempt) => attempt.life.status === 'stopping');
  return stopping || Object.values(run.items).some((item) => item.status === 'asking');
}

function waitingManual(engine: EngineApi, phaseId: string | undefined): string | undefined {
  const run = engine.run();
  const steps = phaseId === undefined ? stepsOf(run) : phaseById(run, phaseId).steps;
  return steps.find((step) => step.action.kind === 'manual' && stateOf(run, step.id).status === 'running')?.id;
}

/** A step that nobody knows the end of ends it: with the evidence, and what a person may do. */
async function unknownOutcome(engine: EngineApi): Promise<Outcome | undefined> {
  const run = engine.run();
  const unknown = unknownStepId(run);
  const state = unknown === undefined ? undefined : stateOf(run, unknown);
  if (unknown === undefined || state?.status !== 'unknown') return undefined;
  const title = expandFor(run, stepById(run, unknown).title);
  return {
    ...waiting(`Nobody knows how “${title}” ended: ${state.why}.`),
    details: [
      ...(await evidenceLines(engine, state.attempt)),
      'Nothing more is begun. Settle it on the screen (runbook): adopt it as done, run it again, undo it, or mark it failed.',
    ],
  };
}

/** What ends it before anything more is begun. */
function outcomeNow(engine: EngineApi, { phaseId, toStepId }: UnattendedOptions): Outcome | undefined {
  const run = engine.run();
  const wanted = toStepId === undefined ? phaseId : phaseOfStep(run, toStepId).id;
  const plan = activeRollback(run)?.plan;
  if (wanted !== undefined && (plan?.scope.kind === 'run' || plan?.phaseIds.includes(wanted)))
    return {
      status: exitStatus.failed,
      why: 'A rollback is under way. Finish it or give it up first: runbook rollback',
    };
  if (toStepId !== undefined && isReached(run, toStepId))
    return { status: 0, why: `“${stepById(run, toStepId).title}” is done` };
  if (phaseId !== undefined && isPhaseDone(run, phaseById(run, phaseId)))
    return { status: 0, why: 'every step of the phase is done' };
  const isOver = runStatus(run) === 'succeeded' && runningServices(run).length === 0;
  return isOver ? { status: 0, why: 'every step is done' } : undefined;
}

/** What was over when it was called would have been left for another run, but for what of it may still run. */
function notBeside(run: Run): Outcome | undefined {
  const left = run.attempts.filter(mayStillRun);
  if (runStatus(run) !== 'succeeded' || left.length === 0) return undefined;
  const names = left.map(({ title, number }) => `“${title}” (attempt ${number})`).join(' and ');
  return waiting(
    `${names} is not proven gone and may still be running: no other run begins beside it. End it, or put this run aside: runbook reset`,
  );
}

/** What ends it after running on, begun after event number `since`, came to a stop. */
function afterRunningOn(engine: EngineApi, options: UnattendedOptions, since: number): Outcome | undefined {
  const run = engine.run();
  const { phaseId } = options;
  const steps = phaseId === undefined ? stepsOf(run) : phaseById(run, phaseId).steps;
  const withdrawn = run.attempts.at(-1);
  // What an earlier screen did not come to start says nothing about this one.
  const isNew = engine.events().some((event) => event.seq > since && event.type === 'AttemptWithdrawn');
  if (isNew && withdrawn?.life.status === 'withdrawn')
    return { status: exitStatus.failed, why: `“${withdrawn.title}” did not start: ${withdrawn.life.why}` };
  const failed = steps.find((step) => ['failed', 'timed out', 'stopped'].includes(stateOf(run, step.id).status));
  if (failed) return failedAt(engine, failed.id);
  const notMet = Object.entries(run.items).find(([, item]) => item.status === 'open' && item.notMet !== undefined);
  if (notMet)
    return {
      status: exitStatus.failed,
      why: `“${itemById(run, notMet[0]).item.text}” does not hold: ${notMet[1].status === 'open' ? notMet[1].notMet : ''}`,
    };
  const next = steps.find((step) => !isDone(stateOf(run, step.id)) && !isInBackground(run, step));
  const state = next && stateOf(run, next.id);
  if (next && state?.status === 'pending' && state.noAnswer !== undefined) {
    const title = expandFor(run, next.title);
    return waiting(
      `“${title}” was not begun: its unless has no answer: ${state.noAnswer}. Call it again when it can have one.`,
    );
  }
  return next?.action.kind === 'interactive'
    ? waiting(`“${next.title}” wants a person at the terminal. Do it on the screen: runbook`)
    : undefined;
}

function failedAt(engine: EngineApi, stepId: string): Outcome {
  const run = engine.run();
  const why = `“${stepById(run, stepId).title}” ${stateText(stateOf(run, stepId))}`;
  return { status: exitStatus.failed, why };
}

/** Sends an intent; with `yes`, once more with every question answered. */
async function sendAnswered(
  engine: EngineApi,
  intent: Extract<Intent, { type: 'run on' }>,
  yes: boolean,
): Promise<Reply> {
  const reply = await engine.send(intent);
  if (reply.kind !== 'ask' || !yes || reply.questions.some(wantsPerson)) return reply;
  const answers = reply.questions.flatMap((question): Answer[] =>
    question.kind === 'variable'
      ? []
      : [
          {
            reason: question.reason,
            phaseId: question.phaseId,
            said: question.typed ?? '--yes',
            ...(question.stepId === undefined ? {} : { stepId: question.stepId }),
          },
        ],
  );
  return engine.send({ ...intent, answers });
}
