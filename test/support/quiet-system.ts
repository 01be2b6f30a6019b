import type { LogsStatus } from '../../src/live/log-status.ts';
import type { SystemSnapshot } from '../../src/live/system.ts';

/** Nothing is asked for and nothing was measured. */
export const quietSystem: SystemSnapshot = {
  status: { kind: 'none' },
  kind: 'processes',
  watched: [],
  history: { latest: () => undefined, slots: () => [], mean: () => undefined, firstAt: () => undefined },
};

/** No line so far. */
export const quietLogs: LogsStatus = { sources: [], lines: 0, leftOut: 0, following: true, newLines: 0 };
