import { poll } from './poll.ts';
import { seconds } from './probe.ts';
import { endingOf } from './run-child.ts';
import type { Ending, ResolvedPoll } from './spec.ts';
import { haltReason } from './stop.ts';
import { timeOfDay } from './timer.ts';
import { endWithoutChild, type WorkContext, type WorkEnd } from './work.ts';

/** Asks until it holds; every answer is a line of the output. */
export async function runCheck(wanted: ResolvedPoll, context: WorkContext): Promise<WorkEnd> {
  const { env, secrets, output, halt } = context;
  const last = await poll(wanted, { cwd: context.spec.cwd, env, secrets, signal: halt }, (answer) =>
    output.line(`${timeOfDay(Date.now())} ${answer.held ? 'holds' : 'not yet'}: ${answer.found}`),
  );
  const reason = haltReason(halt);
  if (reason !== undefined) return endWithoutChild(endingOf(reason, 'SIGINT'));
  const ending: Ending = last.held
    ? { kind: 'done', found: last.found }
    : { kind: 'not met', found: `${last.found} (asked ${times(last.asked)} within ${seconds(wanted.withinMs)})` };
  return endWithoutChild(ending);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
