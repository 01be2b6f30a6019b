import { maskText } from '../live/mask.ts';
import { openObservationLog } from './observation-log.ts';
import { ask, seconds } from './probe.ts';
import { endingOf } from './run-child.ts';
import type { Ending, Observation, Work } from './spec.ts';
import { haltReason } from './stop.ts';
import { sleep, timeOfDay } from './timer.ts';
import { createUnwatched, toleranceOf } from './unwatched.ts';
import { endWithoutChild, type WorkContext, type WorkEnd } from './work.ts';

type Watch = Extract<Work, { kind: 'watch' }>;
type Tally = { held: number; failed: number; unobservedMs: number };

/**
 * Asks on a schedule for a length of time. It fails at the `maxFailures`th answer that did not hold (at the first where
 * that is 0). Time in which nobody watched is recorded as not observed and does not count towards the length.
 */
export async function runWatch(work: Watch, context: WorkContext): Promise<WorkEnd> {
  const log = openObservationLog(context.folder);
  const tally: Tally = { held: 0, failed: 0, unobservedMs: 0 };
  const record = (observation: Observation) => {
    count(tally, observation);
    log.add({ ...observation, found: maskText(observation.found, context.secrets) });
    context.output.line(lineOf(observation));
  };
  await watch(work, context, record, () => tally.failed >= Math.max(1, work.maxFailures));
  log.close();
  if (log.lost() > 0) context.notice(`${log.lost()} observations could not be written`);
  const reason = haltReason(context.halt);
  return endWithoutChild(reason === undefined ? endingOfTally(tally, work) : endingOf(reason, 'SIGINT'));
}

async function watch(
  work: Watch,
  context: WorkContext,
  record: (observation: Observation) => void,
  isTooMuch: () => boolean,
): Promise<void> {
  const { env, secrets, halt } = context;
  const surroundings = { cwd: context.spec.cwd, env, secrets, signal: halt };
  const unwatched = createUnwatched(
    () => ({ wallMs: Date.now(), monotonicMs: performance.now() }),
    toleranceOf(work.everyMs),
  );
  let lookedMs = performance.now();
  let endMs = lookedMs + work.forMs;
  const lookForGap = (dueMs: number): boolean => {
    const gapMs = unwatched.look(dueMs);
    lookedMs = performance.now();
    if (gapMs === undefined) return false;
    endMs += Math.min(gapMs, Math.max(0, lookedMs - dueMs));
    record({ at: Date.now(), outcome: 'not observed', found: `nobody watched for ${seconds(gapMs)}`, gapMs });
    return true;
  };
  // Counted from the last look and not from now: writing an observation down may be where the machine falls asleep.
  for (let dueMs = lookedMs; dueMs < endMs; ) {
    const askedMs = lookedMs;
    const answer = await ask(work.probe, surroundings);
    if (halt.aborted) return;
    const isInterrupted = lookForGap(askedMs + work.probe.timeoutMs);
    // A deadline that passed while this slept says nothing about what was asked.
    if (answer.held || !isInterrupted) {
      record({ at: Date.now(), outcome: answer.held ? 'held' : 'did not hold', found: answer.found });
    }
    if (isTooMuch()) return;
    dueMs = Math.max(dueMs + work.everyMs, lookedMs);
    const wakeMs = Math.min(dueMs, Math.max(endMs, lookedMs));
    await sleep(wakeMs - performance.now(), halt);
    if (halt.aborted) return;
    lookForGap(wakeMs);
  }
}

function count(tally: Tally, observation: Observation): void {
  switch (observation.outcome) {
    case 'held':
      tally.held += 1;
      return;
    case 'did not hold':
      tally.failed += 1;
      return;
    case 'not observed':
      tally.unobservedMs += observation.gapMs ?? 0;
      return;
    default:
      observation.outcome satisfies never;
  }
}

function lineOf(observation: Observation): string {
  return `${timeOfDay(observation.at)} ${observation.outcome}: ${observation.found}`;
}

function endingOfTally(tally: Tally, work: Watch): Ending {
  const gaps = tally.unobservedMs === 0 ? '' : `, ${seconds(tally.unobservedMs)} not observed`;
  const found = `held ${tally.held} times, failed ${tally.failed} times${gaps}`;
  return tally.failed >= Math.max(1, work.maxFailures) ? { kind: 'not met', found } : { kind: 'done', found };
}
