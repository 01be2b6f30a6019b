import type { Leftover } from '../leftovers/leftover.ts';
import type { Finding } from './finding.ts';

/** What crashes left behind: it keeps nothing from running, so it is to be looked at only. */
export function leftoverFindings(leftovers: readonly Leftover[]): readonly Finding[] {
  return leftovers.map(({ what, path, found, remove, mend }) => ({
    group: 'crash',
    what,
    state: 'left',
    isNeeded: false,
    found,
    ...(path === undefined ? {} : { path }),
    neededBy: [],
    mend: remove === undefined ? (mend ?? 'Look at it.') : 'runbook doctor --clean removes it.',
  }));
}
