import type { JournalReading } from './adapters/journal-file.ts';
import type { RunFolder } from './adapters/run-folders.ts';
import { type Holder, whereIs } from './adapters/run-lock.ts';
import type { Holding } from './engine/api.ts';
import type { TakenFrom } from './run/event.ts';

/** What a screen that does not write is told of who does; `holder` undefined: nobody does. */
export async function holdingOf(
  folder: RunFolder,
  damage: JournalReading['damage'],
  holder: Holder | undefined,
): Promise<Holding> {
  if (damage) {
    const { line, why } = damage;
    return {
      kind: 'damaged',
      problem: `line ${line} of its journal is damaged (${why}); only what stands before it is shown. Mend ${folder.journal}, or move its folder away to begin a new run.`,
    };
  }
  const nobody = { kind: 'viewer', holder: 'nobody', host: '', pid: 0, since: 0 } as const;
  if (holder === undefined) return { ...nobody, provenDead: true };
  if (holder === 'unreadable') return { ...nobody, holder: 'somebody', provenDead: false, where: 'unreadable' };
  const where = await whereIs(holder);
  const { by, host, pid, since } = holder;
  const who = { kind: 'viewer', holder: by, host, pid, since } as const;
  return where === 'gone' || where === 'other boot'
    ? { ...who, provenDead: true }
    : // Who can't be asked about may be there; the next look asks again.
      { ...who, provenDead: false, where: where === 'not known' ? 'alive' : where };
}

/** Whom a run was taken from, for its journal. */
export function takenFrom(holder: Holder, provenDead: boolean): TakenFrom {
  if (holder === 'unreadable') return { provenDead };
  const { by, host, pid, since } = holder;
  return { by, host, pid, since, provenDead };
}
