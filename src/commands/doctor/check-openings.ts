import type { Opening } from '../../adapters/open-to-others.ts';
import type { Finding } from './finding.ts';

/** Files that say what is executed, and that others can change. */
export function openingFindings(openings: readonly Opening[]): readonly Finding[] {
  return openings.map(({ path, why, mend }) => ({
    group: 'folders',
    what: 'what is executed',
    state: 'open',
    isNeeded: false,
    found: why,
    path,
    neededBy: [],
    mend,
  }));
}
