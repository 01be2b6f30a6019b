import { join } from 'node:path';
import { attemptFile } from '../adapters/attempt-files.ts';
import { poll } from './poll.ts';
import { seconds } from './probe.ts';
import { exitText, runChild } from './run-child.ts';
import type { Ending, ReadyRecord, Work } from './spec.ts';
import type { WorkContext, WorkEnd } from './work.ts';
import { writeUntilWritten } from './write-until-written.ts';

type Service = Extract<Work, { kind: 'service' }>;

/**
 * Starts a process that stays and asks until it is ready. The attempt's deadline is one for getting ready. A service that
 * exits before it is ready is `not met`; one that is ready goes on until it exits or is stopped, which is its normal end.
 */
export async function runService(work: Service, context: WorkContext): Promise<WorkEnd> {
  let isReady = false;
  const asking = new AbortController();
  const signal = AbortSignal.any([asking.signal, context.halt]);
  const end = await runChild(work, context, async (child) => {
    void child.exit.then(() => asking.abort());
    const problem = work.ready === undefined ? undefined : await notReady(work.ready, context, signal);
    if (problem !== undefined || signal.aborted) return signal.aborted ? undefined : problem;
    tellReady(context, signal);
    isReady = true;
    return undefined;
  });
  if (isReady || (end.ending.kind !== 'exited' && end.ending.kind !== 'killed')) return end;
  return { ...end, ending: { kind: 'not met', found: `it ended before it was ready: ${exitText(end.ending)}` } };
}

async function notReady(
  ready: NonNullable<Service['ready']>,
  context: WorkContext,
  signal: AbortSignal,
): Promise<Ending | undefined> {
  const { env, secrets } = context;
  const last = await poll(ready, { cwd: context.spec.cwd, env, secrets, signal }, () => undefined);
  if (last.held) return undefined;
  return { kind: 'not met', found: `not ready within ${seconds(ready.withinMs)}: ${last.found}` };
}

/** Told at once, and written down as soon as it can be: a screen that can't be told reads it. */
function tellReady(context: WorkContext, signal: AbortSignal): void {
  const record: ReadyRecord = { at: Date.now() };
  context.liftDeadline();
  context.report({ type: 'ready', at: record.at });
  const onRefused = (code: string) => context.notice(`that it is ready could not be recorded at once: ${code}`);
  const path = join(context.folder, attemptFile.ready);
  writeUntilWritten({ path, content: () => JSON.stringify(record), signal, onRefused }).catch((error: Error) =>
    context.notice(`that it is ready could not be recorded: ${error.message}`),
  );
}
