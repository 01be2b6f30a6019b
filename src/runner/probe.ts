import { runGrouped } from '../adapters/grouped-command.ts';
import { lastLines } from '../live/last-lines.ts';
import { type RunnerClock, systemClock } from './clock.ts';
import type { ResolvedProbe } from './spec.ts';

/** `found`: what was found and, where it did not hold, what was wanted. */
export type Answer = { readonly held: boolean; readonly found: string };

export type Surroundings = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Texts to mask. */
  readonly secrets: readonly string[];
  /** Ends the asking early. */
  readonly signal: AbortSignal;
};

/** What asking on a schedule stands on. */
export type Asker = { readonly clock: RunnerClock; readonly ask: typeof ask };

export const systemAsker: Asker = { clock: systemClock, ask };

/** How long an asking may last beyond its deadline: the processes of a command are ended and proven gone. */
export const LONGEST_ENDING_MS = 2_500;

/** Asks a probe once. Never rejects: what goes wrong is an answer. */
export async function ask(probe: ResolvedProbe, surroundings: Surroundings): Promise<Answer> {
  switch (probe.kind) {
    case 'http': {
      const { askHttp } = await import('./http-probe.ts');
      return askHttp(probe, surroundings);
    }
    case 'tcp': {
      const { askTcp } = await import('./tcp-probe.ts');
      return askTcp(probe, surroundings.signal);
    }
    case 'command':
      return askCommand(probe, surroundings);
    default:
      return probe satisfies never;
  }
}

async function askCommand(
  probe: Extract<ResolvedProbe, { kind: 'command' }>,
  surroundings: Surroundings,
): Promise<Answer> {
  const end = await runGrouped({ ...surroundings, argv: probe.argv, timeoutMs: probe.timeoutMs });
  switch (end.kind) {
    case 'exited':
      return { held: end.status === 0, found: withTail(`exit status ${end.status}`, end.tail) };
    case 'killed':
      return { held: false, found: withTail(`killed by ${end.signal}`, end.tail) };
    case 'timed out':
      return { held: false, found: withTail(`no end within ${seconds(probe.timeoutMs)}`, end.tail) };
    case 'aborted':
      return { held: false, found: 'was stopped' };
    case 'could not start':
      return { held: false, found: end.message };
    default:
      return end satisfies never;
  }
}

function withTail(what: string, tail: string): string {
  const lines = lastLines(tail, 3);
  return lines.length === 0 ? what : `${what}: ${lines.join(' · ')}`;
}

/** A length of time in seconds, for messages. */
export function seconds(lengthMs: number): string {
  return `${Number((lengthMs / 1000).toFixed(1))} s`;
}
