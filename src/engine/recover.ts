import type { RunEvent } from '../run/event.ts';
import { attemptByNumber, isManual, isVerifying, runningAttempts } from '../run/select.ts';
import { clockText, durationText, eventSentence } from '../run/sentences.ts';
import type { Run } from '../run/state.ts';
import type { Engine } from './engine.ts';
import type { AttemptEvidence, Runners } from './ports.ts';

/**
 * What opening a run finds: adopts results, reattaches to what runs, withdraws what has not started, and calls the rest
 * unknown. Nothing begins by itself. Returns what happened since, one line each.
 */
export async function recover(engine: Engine, runners: Runners, now: () => number): Promise<readonly string[]> {
  const before = engine.run().lastSeq;
  for (const number of attemptsToExamine(engine.run())) await recoverAttempt(engine, runners, number);
  for (const attempt of engine.run().attempts.filter((one) => isVerifying(engine.run(), one))) {
    await engine.send({ type: 'verify again', attempt: attempt.number });
  }
  const news = engine.events().filter((event) => event.seq > before);
  return [...news.flatMap((event) => sentence(engine.run(), event)), ...stillRunning(engine.run(), now())];
}

/**
 * Attempts that only a runner knows more of: what opening a run has to look at. What a person does is among them only where
 * its start was announced and nobody was told of it.
 */
function attemptsToExamine(run: Run): readonly number[] {
  return runningAttempts(run)
    .filter((attempt) => !isManual(run, attempt) || attempt.life.status === 'starting')
    .map((attempt) => attempt.number);
}

async function recoverAttempt(engine: Engine, runners: Runners, number: number): Promise<void> {
  const folder = engine.attemptFolder(number);
  const attempt = attemptByNumber(engine.run(), number);
  if (isManual(engine.run(), attempt)) return neverBegun(engine, number);
  let evidence: AttemptEvidence;
  try {
    evidence = await runners.examine(folder, attempt.isBegun === true);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    engine.hinder(number, `can't be looked at: ${why}; this is tried again until it can`);
    engine.tryLater(() => void recoverAttempt(engine, runners, number));
    return;
  }
  engine.hinder(number, undefined);
  const report = (one: Parameters<Parameters<Runners['attach']>[1]>[0]) =>
    engine.complete({ type: 'attempt', attempt: number, report: one });
  switch (evidence.kind) {
    case 'did not start':
      return neverBegun(engine, number);
    case 'ended':
      return report({ type: 'ended', result: evidence.result });
    case 'lost':
      return report({ type: 'lost', evidence });
    case 'running':
      await report({ type: 'started', at: evidence.startedAt });
      if (evidence.readyAt !== undefined) await report({ type: 'ready', at: evidence.readyAt });
      await runners.attach(folder, (later) => void report(later));
      // The screen may have died between saying so and doing so; a runner that is stopping already goes on with it.
      return isStopping(engine.run(), number) ? runners.stop(folder) : undefined;
    default:
      return evidence satisfies never;
  }
}

function neverBegun(engine: Engine, attempt: number): Promise<void> {
  const report = { type: 'did not start', message: 'the screen was gone before it began' } as const;
  return engine.complete({ type: 'attempt', attempt, report });
}

function isStopping(run: Run, number: number): boolean {
  return attemptByNumber(run, number).life.status === 'stopping';
}

function sentence(run: Run, event: RunEvent): readonly string[] {
  const text = eventSentence(run, event);
  if (text === undefined) return [];
  // The end of a command is told with the time at which it was, not at which it was noticed.
  const at = event.type === 'AttemptEnded' ? event.result.endedAt : event.at;
  return [`${clockText(at)}  ${text}`];
}

function stillRunning(run: Run, now: number): readonly string[] {
  return runningAttempts(run)
    .filter((attempt) => !isManual(run, attempt))
    .map(
      (attempt) =>
        `${clockText(now)}  “${attempt.title}” is still running, for ${durationText(now - attempt.startedAt)}`,
    );
}
