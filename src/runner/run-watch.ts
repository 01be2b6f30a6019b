import { maskText } from '../live/mask.ts';
import { openObservationLog } from './observation-log.ts';
import { type Asker, LONGEST_ENDING_MS, seconds, systemAsker } from './probe.ts';
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
export async function runWatch(work: Watch, context: WorkContext, asker = systemAsker): Promise<WorkEnd> {
  const log = openObservationLog(context.folder);
  const tally: Tally = { held: 0, failed: 0, unobservedMs: 0 };
  const record = (observation: Observation) => {
    count(tally, observation);
    log.add({ ...observation, found: maskText(observation.found, context.secrets) });
    context.output.line(lineOf(observation));
  };
  const isTooMuch = () => tally.failed >= Math.max(1, work.maxFailures);
  await watch(work, context, { ...asker, record, isTooMuch });
  log.close();
  for (const notice of log.notices()) context.notice(notice);
  const reason = haltReason(context.halt);
  return endWithoutChild(reason === undefined ? endingOfTally(tally, work) : endingOf(reason, 'SIGINT'));
}

type Watching = Asker & {
  readonly record: (observation: Observation) => void;
  readonly isTooMuch: () => boolean;
};

async function watch(work: Watch, context: WorkContext, watching: Watching): Promise<void> {
  const { clock, record } = watching;
  const { env, secrets, halt } = context;
  const surroundings = { cwd: context.spec.cwd, env, secrets, signal: halt };
  const unwatched = createUnwatched(
    () => ({ wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() }),
    toleranceOf(work.everyMs),
  );
  let lookedMs = clock.monotonicMs();
  let endMs = lookedMs + work.forMs;
  const lookForGap = (dueMs: number): boolean => {
    const gapMs = unwatched.look(dueMs);
    lookedMs = clock.monotonicMs();
    if (gapMs === undefined) return false;
    endMs += Math.min(gapMs, Math.max(0, lookedMs - dueMs));
    record({ at: clock.wallMs(), outcome: 'not observed', found: `nobody watched for ${seconds(gapMs)}`, gapMs });
    return true;
  };
  // Counted from the last look and not from now: writing an observation down may be where the machine falls asleep.
  for (let dueMs = lookedMs; dueMs < endMs; ) {
    const askedMs = lookedMs;
    const answer = await watching.ask(work.probe, surroundings);
    if (halt.aborted) return;
    const isInterrupted = lookForGap(askedMs + work.probe.timeoutMs + LONGEST_ENDING_MS);
    // A deadline that passed while this slept says nothing about what was asked.
    if (answer.held || !isInterrupted) {
      record({ at: clock.wallMs(), outcome: answer.held ? 'held' : 'did not hold', found: answer.found });
    }
    if (watching.isTooMuch()) return;
    dueMs = Math.max(dueMs + work.everyMs, lookedMs);
    const wakeMs = Math.min(dueMs, Math.max(endMs, lookedMs));
    await sleep(wakeMs - clock.monotonicMs(), halt, clock);
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
