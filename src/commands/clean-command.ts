import { harmlessLine } from '../live/harmless-text.ts';
import type { Console } from './console.ts';
import { findLeftovers, placesText } from './leftovers/find-leftovers.ts';
import type { Leftover } from './leftovers/leftover.ts';
import { exitStatus } from './outcome.ts';

type Outcome = {
  readonly outcome: 'removed' | 'changed meanwhile' | 'could not be removed' | 'left to you';
  readonly what: string;
  readonly path?: string;
  /** Why, or what to do. */
  readonly found: string;
};

/** `runbook doctor --clean`: removes what crashes left and is nobody's. Resolves with the exit status. */
export async function cleanCommand(input: {
  readonly dataDir: string;
  readonly sockets: string;
  readonly json: boolean;
  readonly console: Console;
}): Promise<number> {
  const { dataDir, sockets, json, console } = input;
  const outcomes: Outcome[] = [];
  for (const leftover of await findLeftovers(dataDir, sockets)) outcomes.push(await remove(leftover));
  if (json) console.json(outcomes, 2);
  else {
    for (const { outcome, what, path, found } of outcomes)
      console.out(harmlessLine(`${outcome}: ${what}${path === undefined ? '' : ` ${path}`} (${found})`));
    if (outcomes.length === 0) console.out(`No crash left anything in ${placesText(dataDir, sockets)}.`);
  }
  const isClean = outcomes.every(({ outcome }) => outcome !== 'could not be removed');
  return isClean ? exitStatus.succeeded : exitStatus.failed;
}

async function remove({ what, path, found, mend, remove: takeAway }: Leftover): Promise<Outcome> {
  const named = { what, ...(path === undefined ? {} : { path }) };
  if (takeAway === undefined)
    return { ...named, outcome: 'left to you', found: mend === undefined ? found : `${found}. ${mend}` };
  try {
    return { ...named, outcome: (await takeAway()) ? 'removed' : 'changed meanwhile', found };
  } catch (error) {
    return { ...named, outcome: 'could not be removed', found: error instanceof Error ? error.message : String(error) };
  }
}
