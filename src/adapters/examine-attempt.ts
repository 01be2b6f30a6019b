import type { AttemptEvidence } from '../engine/ports.ts';
import type { StartedRecord } from '../runner/spec.ts';
import { AttemptFileError, readAttemptFile } from './attempt-files.ts';
import { withdrawStart } from './claim-start.ts';
import { clearSocket } from './clear-socket.ts';
import { makePrivateFolder } from './durable-file.ts';
import { processGroup } from './process-group.ts';
import { identifySelf, livenessOf } from './process-identity.ts';
import { connectToRunner } from './runner-connection.ts';

type Lost = Extract<AttemptEvidence, { kind: 'lost' }>;
type Started = Extract<StartedRecord, { kind: 'started' }>;

const ANSWER_MS = 3_000;
const RETRY_MS = 20;

/**
 * Looks at what is left of an attempt that no screen watched. One that has not started is withdrawn, so that it never
 * will.
 *
 * @throws the system's error if the folder can't be read or the start can't be withdrawn.
 */
export async function examineAttempt(folder: string): Promise<AttemptEvidence> {
  const evidence = await evidenceOf(folder);
  const isDoorUsed =
    evidence.kind === 'running' || (evidence.kind === 'lost' && evidence.why === 'runner does not answer');
  if (!isDoorUsed) await clearSocket(folder);
  return evidence;
}

async function evidenceOf(folder: string): Promise<AttemptEvidence> {
  const ended = await resultOf(folder);
  if (ended !== undefined) return ended;
  await makePrivateFolder(folder);
  if (await withdrawStart(folder, await identifySelf(), Date.now())) return { kind: 'did not start' };
  const started = await readStarted(folder);
  if (started === undefined) return lost(folder, undefined, 'runner gone');
  return started.kind === 'withdrawn' ? { kind: 'did not start' } : examineStarted(folder, started);
}

/** What of a started attempt without a result is there. */
export async function examineStarted(folder: string, started: Started): Promise<AttemptEvidence> {
  const deadline = performance.now() + ANSWER_MS;
  for (;;) {
    const liveness = await livenessOf(started.runner);
    if (liveness !== 'alive') {
      // Its last act may have been to write the result.
      const why = { gone: 'runner gone', 'other boot': 'machine restarted', 'other host': 'other host' } as const;
      return (await resultOf(folder)) ?? lost(folder, started, why[liveness]);
    }
    if (await answers(folder, started)) return running(folder, started);
    const ended = await resultOf(folder);
    if (ended !== undefined) return ended;
    if (performance.now() >= deadline) return lost(folder, started, 'runner does not answer');
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Who took the start of an attempt; undefined if nobody did, or the file is damaged. */
export async function readStarted(folder: string): Promise<StartedRecord | undefined> {
  return orUndefined(readAttemptFile(folder, 'started'));
}

/** The ending of an attempt; undefined if there is none, or it is damaged. */
export async function resultOf(folder: string): Promise<Extract<AttemptEvidence, { kind: 'ended' }> | undefined> {
  const result = await orUndefined(readAttemptFile(folder, 'result'));
  return result === undefined ? undefined : { kind: 'ended', result };
}

async function running(folder: string, started: Started): Promise<AttemptEvidence> {
  const ready = await orUndefined(readAttemptFile(folder, 'ready'));
  return { kind: 'running', startedAt: started.at, ...(ready === undefined ? {} : { readyAt: ready.at }) };
}

async function answers(folder: string, started: Started): Promise<boolean> {
  const spec = await orUndefined(readAttemptFile(folder, 'spec'));
  if (spec === undefined) return false;
  const answer = await connectToRunner({
    path: spec.socketPath,
    runId: spec.runId,
    attempt: spec.attempt,
    timeoutMs: ANSWER_MS,
    receive: () => undefined,
    closed: () => undefined,
  });
  answer?.connection.close();
  return answer?.hello.runner.pid === started.runner.pid && answer.hello.runner.startTime === started.runner.startTime;
}

async function lost(folder: string, started: Started | undefined, why: Lost['why']): Promise<Lost> {
  const startedAt = started === undefined ? {} : { startedAt: started.at };
  return { kind: 'lost', why, ...startedAt, command: await commandState(folder, why) };
}

/** Whether the command's own process, or one of its group, is there. */
async function commandState(folder: string, why: Lost['why']): Promise<Lost['command']> {
  if (why === 'machine restarted') return 'gone';
  if (why === 'runner gone' && (await isDoneByRunner(folder))) return 'gone';
  const command = await orUndefined(readAttemptFile(folder, 'command'));
  // The runner may have died between spawning it and writing it down.
  if (command === undefined) return 'unknown';
  const liveness = await livenessOf(command.process);
  switch (liveness) {
    case 'alive':
      return 'running';
    case 'other host':
      return 'unknown';
    case 'other boot':
      return 'gone';
    case 'gone':
      return processGroup(command.process.pid).members().length > 0 ? 'running' : 'gone';
    default:
      return liveness satisfies never;
  }
}

/** Whether the work starts no process: nothing of it is left when its runner is gone. */
async function isDoneByRunner(folder: string): Promise<boolean> {
  const work = (await orUndefined(readAttemptFile(folder, 'spec')))?.work;
  switch (work?.kind) {
    case 'edit':
    case 'restore':
      return true;
    case 'check':
      return work.poll.probe.kind !== 'command';
    case 'watch':
      return work.probe.kind !== 'command';
    case 'command':
    case 'service':
    case undefined:
      return false;
    default:
      return work satisfies never;
  }
}

async function orUndefined<Value>(reading: Promise<Value | undefined>): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof AttemptFileError) return undefined;
    throw error;
  }
}
