import { ask } from './probe.ts';
import { endingOf } from './run-child.ts';
import { haltReason } from './stop.ts';
import { endWithoutChild, type WorkContext, type WorkEnd } from './work.ts';

/** Long enough for any question where the attempt has no deadline of its own. */
const LONGEST_MS = 60_000;

/** Asks whether the work can do what it is for; undefined: it can. Otherwise nothing of the work is begun. */
export async function askRequires(argv: readonly string[], context: WorkContext): Promise<WorkEnd | undefined> {
  const { env, secrets, halt: signal } = context;
  const timeoutMs = context.spec.timeoutMs ?? LONGEST_MS;
  const answer = await ask({ kind: 'command', argv, timeoutMs }, { cwd: context.spec.cwd, env, secrets, signal });
  const reason = haltReason(signal);
  if (reason !== undefined) return endWithoutChild(endingOf(reason, 'SIGINT'));
  if (answer.held) return undefined;
  const found = `not begun: its requires does not hold: ${answer.found}`;
  context.output.line(found);
  return endWithoutChild({ kind: 'not met', found });
}
