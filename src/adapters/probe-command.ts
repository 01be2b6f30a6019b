import type { ProbeAnswer, Probes } from '../engine/ports.ts';
import { lastLines } from '../live/last-lines.ts';
import { maskText } from '../live/mask.ts';
import { secretForms } from '../live/secret-forms.ts';
import { fillRecord } from '../runner/fill-secrets.ts';
import { SSH_FAILED } from '../runner/ssh-failed.ts';
import { definedVariables } from './defined-variables.ts';
import { type GroupedEnd, killGroupedCommands, runGrouped } from './grouped-command.ts';

const SHOWN_LINES = 3;

/**
 * Asks commands in process groups of their own. Nothing they started is left behind: not after their end, their deadline,
 * an abort, or the exit of this process (`kill -9` of it excepted).
 *
 * @param environment what every command inherits.
 */
export function createProbes(input: { readonly environment: Readonly<Record<string, string | undefined>> }): Probes {
  const inherited = definedVariables(input.environment);
  process.once('exit', killGroupedCommands);
  return {
    async ask({ argv, cwd, env, secrets, encodedSecrets, overSsh, timeoutMs, signal }) {
      const values = secretForms(secrets, encodedSecrets);
      const end = await runGrouped({
        argv,
        cwd,
        env: { ...inherited, ...fillRecord(env, secrets), ...secrets },
        secrets: values,
        timeoutMs,
        ...(signal === undefined ? {} : { signal }),
      });
      const answer = overSsh === true && isLineLost(end) ? unanswered(end.tail) : answerOf(end, timeoutMs);
      return { ...answer, found: maskText(answer.found, values) };
    },
  };
}

/** What failed is not what was asked, but the way there. */
function isLineLost(end: GroupedEnd): end is Extract<GroupedEnd, { kind: 'exited' }> {
  return end.kind === 'exited' && end.status === SSH_FAILED;
}

function unanswered(tail: string): ProbeAnswer {
  const found = withTail(`ssh lost its line, or never had one (exit status ${SSH_FAILED})`, tail);
  return { held: false, found, lineLost: true };
}

function answerOf(end: GroupedEnd, timeoutMs: number): ProbeAnswer {
  switch (end.kind) {
    case 'exited':
      return { held: end.status === 0, found: withTail(`exit status ${end.status}`, end.tail) };
    case 'killed':
      return { held: false, found: withTail(`killed by ${end.signal}`, end.tail) };
    case 'timed out':
      return { held: false, found: withTail(`no end within ${timeoutMs / 1000} s`, end.tail) };
    case 'aborted':
      return { held: false, found: 'the question was taken back' };
    case 'could not start':
      return { held: false, found: end.message };
    default:
      return end satisfies never;
  }
}

function withTail(what: string, tail: string): string {
  const lines = lastLines(tail, SHOWN_LINES);
  return lines.length === 0 ? what : `${what}: ${lines.join(' · ')}`;
}
