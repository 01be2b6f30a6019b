import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptEvidence } from '../engine/ports.ts';
import type { StartedRecord } from '../runner/spec.ts';
import { attemptFile, type Reading, readingOf } from './attempt-files.ts';
import { withdrawStart } from './claim-start.ts';
import { clearSocket } from './clear-socket.ts';
import { isFolder } from './durable-file.ts';
import { answers, lookAtAttempt } from './look-at-attempt.ts';
import { identifySelf, livenessOf } from './process-identity.ts';

type Lost = Extract<AttemptEvidence, { kind: 'lost' }>;
type Started = Extract<StartedRecord, { kind: 'started' }>;

const ANSWER_MS = 3_000;
const RETRY_MS = 20;

/**
 * Looks at what is left of an attempt that no screen watched. One that has not started is withdrawn, so that it never
 * will; that is certain only of one whose folder is there and nothing in it says otherwise.
 *
 * @param wasStarted the journal says that it was.
 * @throws the system's error if the folder can't be read or the start can't be withdrawn.
 */
export async function examineAttempt(folder: string, wasStarted: boolean): Promise<AttemptEvidence> {
  const evidence = await evidenceOf(folder, wasStarted);
  // Who may still be there still holds it; else nobody is left to remove it.
  const isDoorUsed = evidence.kind === 'running' || (evidence.kind === 'lost' && evidence.seen?.runner.kind !== 'gone');
  if (!isDoorUsed) await clearSocket(folder);
  return evidence;
}

async function evidenceOf(folder: string, wasStarted: boolean): Promise<AttemptEvidence> {
  const ended = await resultOf(folder);
  if (ended !== undefined) return ended;
  if (!(await isFolder(folder))) return lost(folder, undefined, 'files gone');
  const hasStarted = wasStarted || (await showsStart(folder));
  let started = await readingOf(folder, 'started');
  if (started.kind === 'none' && !hasStarted) {
    if (await withdrawStart(folder, await identifySelf(), Date.now())) return { kind: 'did not start' };
    started = await readingOf(folder, 'started');
  }
  if (started.kind === 'none') return lost(folder, undefined, 'files gone');
  if (started.kind === 'damaged') return lost(folder, undefined, 'files damaged');
  if (started.value.kind === 'started') return examineStarted(folder, started.value);
  return hasStarted ? lost(folder, undefined, 'files damaged') : { kind: 'did not start' };
}

/** What of a started attempt without a result is there. */
export async function examineStarted(folder: string, started: Started): Promise<AttemptEvidence> {
  const deadline = performance.now() + ANSWER_MS;
  for (;;) {
    const liveness = await livenessOf(started.runner);
    if (liveness !== 'alive' && liveness !== 'not known') {
      // Its last act may have been to write the result.
      const why = { gone: 'runner gone', 'other boot': 'machine restarted', 'other host': 'other host' } as const;
      return (await resultOf(folder)) ?? lost(folder, started, why[liveness]);
    }
    if (await answers(folder, started.runner, ANSWER_MS)) return running(folder, started);
    const ended = await resultOf(folder);
    if (ended !== undefined) return ended;
    if (performance.now() >= deadline) return lost(folder, started, 'runner does not answer');
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** What is left of an attempt that has started and that nobody can follow any more. */
export async function lost(folder: string, started: Started | undefined, why: Lost['why']): Promise<Lost> {
  const startedAt = started === undefined ? {} : { startedAt: started.at };
  const seen = await lookAtAttempt(folder);
  const command = { there: 'running', gone: 'gone', none: 'gone', 'not known': 'unknown' } as const;
  // What the runner does itself may go on for as long as it is not proven gone.
  const isOwnWork = seen.command.kind === 'none' && seen.runner.kind !== 'gone';
  return { kind: 'lost', why, ...startedAt, command: isOwnWork ? 'unknown' : command[seen.command.kind], seen };
}

/** Who took the start of an attempt. */
export function readStarted(folder: string): Promise<Reading<StartedRecord>> {
  return readingOf(folder, 'started');
}

/** The ending of an attempt; undefined if there is none, or it is damaged. */
export async function resultOf(folder: string): Promise<Extract<AttemptEvidence, { kind: 'ended' }> | undefined> {
  const result = await readingOf(folder, 'result');
  return result.kind === 'read' ? { kind: 'ended', result: result.value } : undefined;
}

/** Whether the folder holds what only an attempt that has started leaves, whatever became of the file that says so. */
export async function showsStart(folder: string): Promise<boolean> {
  const { command, ready, result, observations, edit, output } = attemptFile;
  const names = await readdir(folder);
  if (names.some((name) => [command, ready, result, observations, edit].some((one) => name.startsWith(one))))
    return true;
  // It is opened before the start is claimed, and written to only after that.
  return names.includes(output) && (await stat(join(folder, output))).size > 0;
}

async function running(folder: string, started: Started): Promise<AttemptEvidence> {
  const ready = await readingOf(folder, 'ready');
  return { kind: 'running', startedAt: started.at, ...(ready.kind === 'read' ? { readyAt: ready.value.at } : {}) };
}
