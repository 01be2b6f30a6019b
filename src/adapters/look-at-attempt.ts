import type { AttemptSighting, ProcessSighting, RecordSighting } from '../run/attempt-sighting.ts';
import type { ProcessIdentity, StartedRecord, Work } from '../runner/spec.ts';
import { type Reading, readingOf } from './attempt-files.ts';
import { isFolder } from './durable-file.ts';
import { processGroup } from './process-group.ts';
import { isReused, livenessOf } from './process-identity.ts';
import { connectToRunner } from './runner-connection.ts';

/** How long a runner may take to say who it is. */
const ANSWER_MS = 1_000;

/**
 * Looks at what is left of an attempt: its processes and its record. Changes nothing.
 *
 * @throws the system's error if its folder can't be looked at.
 */
export async function lookAtAttempt(folder: string): Promise<AttemptSighting> {
  const started = await readingOf(folder, 'started');
  const [runner, record] = await Promise.all([runnerSighting(folder, started), recordSighting(folder)]);
  return { runner, record, command: await commandSighting(folder, runner) };
}

async function runnerSighting(folder: string, started: Reading<StartedRecord>): Promise<ProcessSighting> {
  switch (started.kind) {
    case 'none':
      return { kind: 'not known', why: 'the file that says which process it was is gone' };
    case 'damaged':
      return { kind: 'not known', why: started.why };
    case 'read':
      break;
    default:
      return started satisfies never;
  }
  if (started.value.kind === 'withdrawn') return { kind: 'not known', why: 'its start was withdrawn' };
  const { runner } = started.value;
  const found = await sightingOf(runner, false);
  return found.kind === 'there' ? { ...found, answers: await answers(folder, runner, ANSWER_MS) } : found;
}

/** Whether the runner of an attempt says on its socket that it is this very process. */
export async function answers(folder: string, runner: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const spec = await readingOf(folder, 'spec');
  if (spec.kind !== 'read') return false;
  const answer = await connectToRunner({
    path: spec.value.socketPath,
    runId: spec.value.runId,
    attempt: spec.value.attempt,
    timeoutMs,
    receive: () => undefined,
    closed: () => undefined,
  });
  answer?.connection.close();
  return answer?.hello.runner.pid === runner.pid && answer.hello.runner.startTime === runner.startTime;
}

async function recordSighting(folder: string): Promise<RecordSighting> {
  const result = await readingOf(folder, 'result');
  if (result.kind === 'read') return { kind: 'written', result: result.value };
  if (result.kind === 'damaged') return result;
  return (await isFolder(folder)) ? result : { kind: 'folder gone' };
}

/** The command's own process, or what is there of its group. */
async function commandSighting(folder: string, runner: ProcessSighting): Promise<ProcessSighting> {
  if (runner.kind === 'gone' && runner.why === 'machine restarted') return runner;
  const spec = await readingOf(folder, 'spec');
  if (spec.kind === 'read' && isDoneByRunner(spec.value.work)) return { kind: 'none' };
  const command = await readingOf(folder, 'command');
  // The runner may have died between spawning it and writing it down.
  if (command.kind === 'none') return { kind: 'not known', why: 'which process it was is not written down' };
  return command.kind === 'damaged' ? { kind: 'not known', why: command.why } : sightingOf(command.value.process, true);
}

/** Whether the work starts no process: nothing of it is left when its runner is gone. */
function isDoneByRunner(work: Work): boolean {
  switch (work.kind) {
    case 'edit':
    case 'restore':
      return true;
    case 'check':
      return work.poll.probe.kind !== 'command';
    case 'watch':
      return work.probe.kind !== 'command';
    case 'command':
    case 'service':
      return false;
    default:
      return work satisfies never;
  }
}

async function sightingOf(identity: ProcessIdentity, leadsGroup: boolean): Promise<ProcessSighting> {
  const { pid } = identity;
  const liveness = await livenessOf(identity);
  switch (liveness) {
    case 'alive':
      return { kind: 'there', pids: leadsGroup ? [pid, ...others(pid)] : [pid] };
    case 'not known':
      return { kind: 'not known', why: 'the system can’t be asked about it now' };
    case 'other host':
      return { kind: 'not known', why: `it ran on ${identity.host}` };
    case 'other boot':
      return { kind: 'gone', why: 'machine restarted' };
    case 'gone': {
      // A number is given to another process only when no group has it any more: what is in such a group is a stranger's.
      if (await isReused(identity)) return { kind: 'gone', why: 'number reused' };
      const left = leadsGroup ? others(pid) : [];
      return left.length > 0 ? { kind: 'there', pids: left } : { kind: 'gone', why: 'ended' };
    }
    default:
      return liveness satisfies never;
  }
}

function others(leader: number): readonly number[] {
  return processGroup(leader)
    .members()
    .filter((pid) => pid !== leader);
}
