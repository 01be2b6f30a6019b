import { join } from 'node:path';
import { attemptFile } from '../adapters/attempt-files.ts';
import { writeDurable } from '../adapters/durable-file.ts';
import { findProgram } from '../adapters/find-program.ts';
import { processGroup } from '../adapters/process-group.ts';
import { identify } from '../adapters/process-identity.ts';
import { type Child, type ChildInput, type Exit, SpawnError } from './child.ts';
import { spawnOnPipes } from './spawn-on-pipes.ts';
import type { CommandRecord, Ending } from './spec.ts';
import { type HaltReason, stopGroup, untilHalt } from './stop.ts';
import type { WorkContext, WorkEnd } from './work.ts';

/** What of a hangup's victims is still there after so long was not ended by it. */
const HANGUP_MS = 150;

export type ChildWork = { readonly argv: readonly string[]; readonly on: 'pty' | 'pipes' };

/**
 * Runs a command to its end or until the attempt is halted.
 *
 * @param meanwhile is started once the command runs; if it resolves with an ending before the command exits, the command
 *   is stopped and that is how the attempt ended.
 */
export async function runChild(
  work: ChildWork,
  context: WorkContext,
  meanwhile?: (child: Child) => Promise<Ending | undefined>,
): Promise<WorkEnd> {
  const child = await start(work, context);
  if (child instanceof SpawnError) {
    context.output.line(`could not start: ${child.message}`);
    return { ending: { kind: 'could not start', message: child.message }, on: 'none', groupGone: true };
  }
  context.connect(child);
  const recorded = recordCommand(child.pid, context);
  const exited = child.exit.then((exit) => ({ kind: 'exit', exit }) as const);
  const halted = untilHalt(context.halt).then(async (reason) => {
    const isInTime = reason.kind === 'timed out' && child.hasEnded();
    return isInTime ? exited : ({ kind: 'halt', reason } as const);
  });
  const first = await Promise.race([exited, halted, ...(meanwhile ? [early(meanwhile(child))] : [])]);
  if (first.kind === 'exit') {
    await tellOfLeftOvers(child, context);
    await recorded;
    return { ending: first.exit, on: child.on, groupGone: true };
  }
  const stopped = await stopGroup({
    group: processGroup(child.pid),
    graceMs: context.spec.graceMs,
    report: (signal) => context.report({ type: 'stopping', signal, at: Date.now() }),
  });
  // Without a proof the exit may never come.
  if (stopped.groupGone) await child.exit;
  const ending = first.kind === 'halt' ? endingOf(first.reason, stopped.signal) : first.ending;
  await recorded;
  return { ending, on: child.on, groupGone: stopped.groupGone };
}

/** How work that was halted ended. */
export function endingOf(reason: HaltReason, signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Ending {
  return reason.kind === 'timed out' ? reason : { kind: 'stopped', signal };
}

/** An exit in the words of a message. */
export function exitText(exit: Exit): string {
  return exit.kind === 'exited' ? `exit status ${exit.status}` : `killed by ${exit.signal}`;
}

async function early(meanwhile: Promise<Ending | undefined>): Promise<{ kind: 'meanwhile'; ending: Ending }> {
  const ending = await meanwhile;
  return ending === undefined ? new Promise(() => undefined) : { kind: 'meanwhile', ending };
}

async function start(work: ChildWork, context: WorkContext): Promise<Child | SpawnError> {
  const { cwd, columns, rows } = context.spec;
  const problem = findProgram(work.argv[0] ?? '', cwd, context.env.PATH);
  if (problem !== undefined) return new SpawnError(problem);
  const input: ChildInput = {
    argv: work.argv,
    cwd,
    env: context.env,
    columns,
    rows,
    take: (bytes, source) => context.output.take(bytes, source),
  };
  try {
    return work.on === 'pipes' ? await spawnOnPipes(input, false) : await onTerminal(input, context);
  } catch (error) {
    if (error instanceof SpawnError) return error;
    throw error;
  }
}

async function onTerminal(input: ChildInput, context: WorkContext): Promise<Child> {
  try {
    const { spawnOnPty } = await import('./spawn-on-pty.ts');
    return await spawnOnPty(input);
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    context.notice(`no pseudo-terminal could be had, so it ran on plain pipes: ${error.message}`);
    return spawnOnPipes(input, true);
  }
}

/** The command runs already: that it can't be recorded is no reason to end it. Never rejects. */
async function recordCommand(pid: number, context: WorkContext): Promise<void> {
  try {
    const process = await identify(pid);
    // A command may be over before it can be looked at.
    if (process === undefined) return;
    const record: CommandRecord = { process, at: Date.now() };
    await writeDurable(join(context.folder, attemptFile.command), JSON.stringify(record));
  } catch (error) {
    context.notice(`the command's pid could not be recorded: ${messageOf(error)}`);
  }
}

/** A command that came to its end by itself may leave processes behind: they are let be, and told of. Never rejects. */
async function tellOfLeftOvers(child: Child, context: WorkContext): Promise<void> {
  const group = processGroup(child.pid);
  try {
    if (await group.goneWithin(HANGUP_MS)) return;
    const pids = group.members();
    if (pids.length === 0) return;
    context.notice(
      `${pids.length === 1 ? 'a process' : `${pids.length} processes`} of the command went on after it ended ` +
        `(pid ${pids.join(', ')}); what they print is not recorded`,
    );
  } catch (error) {
    context.notice(`whether processes of the command went on after it ended can't be told: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
