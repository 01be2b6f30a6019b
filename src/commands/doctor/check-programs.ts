import type { AskCommand } from '../../adapters/ask-command.ts';
import { locateProgram } from '../../adapters/locate-program.ts';
import type { Finding } from './finding.ts';
import { type Platform, programMend, versionQuestion } from './program-facts.ts';
import type { ProgramNeed } from './program-needs.ts';
import { isOlder, versionIn } from './version.ts';

/** What became of looking for a program. */
export type ProgramAnswer =
  | { readonly kind: 'absent' }
  /** `version` absent: it isn't asked, or tells none. `trouble`: why it can't even tell its version. */
  | { readonly kind: 'there'; readonly path: string; readonly version?: string; readonly trouble?: string };

/** Looks for a program and asks the well-known ones for their version. */
export async function askProgram(
  need: ProgramNeed,
  machine: { readonly ask: AskCommand; readonly cwd: string; readonly searchPath: string | undefined },
): Promise<ProgramAnswer> {
  const path = locateProgram(need.name, need.cwd ?? machine.cwd, need.searchPath ?? machine.searchPath);
  if (path === undefined) return { kind: 'absent' };
  const question = versionQuestion(need.name);
  if (question === undefined) return { kind: 'there', path };
  const answer = await machine.ask([path, ...question]);
  if (answer.kind === 'hangs')
    return { kind: 'there', path, trouble: `does not answer within ${answer.afterMs / 1000} s` };
  if (answer.kind === 'could not start') return { kind: 'there', path, trouble: answer.why };
  if (answer.kind === 'failed')
    return { kind: 'there', path, trouble: lastLine(answer.text) || 'fails when asked for its version' };
  const version = versionIn(answer.text);
  return { kind: 'there', path, ...(version === undefined ? {} : { version }) };
}

function lastLine(text: string): string {
  return text.split('\n').at(-1)?.trim() ?? '';
}

/** Whether there is anything to look for on this machine. */
export function isAskable({ isKnown, users, name, cwd }: ProgramNeed): boolean {
  return isKnown && users.here.length > 0 && (!name.includes('/') || name.startsWith('/') || cwd !== undefined);
}

/** @param answer absent: it was not looked for. */
export function programFinding(need: ProgramNeed, answer: ProgramAnswer | undefined, platform: Platform): Finding {
  const { name, users, perhaps, atLeast } = need;
  const base = { group: 'commands', what: name, isNeeded: perhaps === undefined, neededBy: users.here } as const;
  if (users.here.length === 0) {
    return { ...base, state: 'not checked', isNeeded: false, found: `runs on ${users.hosts.join(', ')}` };
  }
  if (answer === undefined) {
    return {
      ...base,
      state: 'not checked',
      isNeeded: false,
      found: 'what it is, or where, is known only when it runs',
    };
  }
  const mend = programMend(name, platform);
  if (answer.kind === 'absent') {
    const where = name.includes('/') ? `not in ${need.cwd ?? '/'}` : 'not on the PATH';
    return { ...base, state: 'missing', found: perhaps === undefined ? where : `${where}; ${perhaps}`, mend };
  }
  const { path, version, trouble } = answer;
  const there = { ...base, path, ...(version === undefined ? {} : { version }) };
  if (trouble !== undefined) {
    const text = perhaps === undefined ? trouble : `${trouble}; ${perhaps}`;
    return {
      ...there,
      state: 'unusable',
      found: text,
      mend: `Find out why \`${name}\` does not tell its version, or install it anew.`,
    };
  }
  if (atLeast === undefined || version === undefined || !isOlder(version, atLeast.version))
    return { ...there, state: 'found' };
  const found = `${atLeast.version} is needed: ${atLeast.why}`;
  return { ...there, state: 'too old', found, mend };
}
