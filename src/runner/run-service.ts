import { join } from 'node:path';
import { attemptFile } from '../adapters/attempt-files.ts';
import { writeDurable } from '../adapters/durable-file.ts';
import { poll } from './poll.ts';
import { seconds } from './probe.ts';
import { exitText, runChild } from './run-child.ts';
import type { Ending, ReadyRecord, Work } from './spec.ts';
import type { WorkContext, WorkEnd } from './work.ts';

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
    await tellReady(context);
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

async function tellReady(context: WorkContext): Promise<void> {
  const record: ReadyRecord = { at: Date.now() };
  context.liftDeadline();
  await writeDurable(join(context.folder, attemptFile.ready), JSON.stringify(record)).catch((error: Error) =>
    context.notice(`that it is ready could not be recorded: ${error.message}`),
  );
  context.report({ type: 'ready', at: record.at });
}
