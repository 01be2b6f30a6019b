import type { AlertStatus } from './log-status.ts';

/** An error among the lines of the logs. */
export type CountedLine = { readonly source: string; readonly text: string; readonly at: number };

/** Counts errors over sliding stretches of time. */
export type ErrorCount = {
  /** Counts lines by when they were written; those too long ago for any stretch change nothing. */
  readonly add: (lines: readonly CountedLine[], now: number) => void;
  /** As it stands at that time; the same object while nothing changed. */
  readonly status: (now: number) => AlertStatus;
};

const MINUTE_MS = 60_000;

/** Starts counting, with bounded memory: a line counts up to a six-hundredth of the time longer than it should. */
export function createErrorCount(rule: { readonly max: number; readonly withinMs: number }): ErrorCount {
  const within = createSlidingCount(rule.withinMs);
  const minute = createSlidingCount(MINUTE_MS);
  const longestMs = Math.max(rule.withinMs, MINUTE_MS);
  let worst: AlertStatus['worst'];
  let lastLine: CountedLine | undefined;
  let told: AlertStatus | undefined;

  return {
    add(lines, now) {
      for (const line of lines) {
        if (line.at <= now - longestMs) continue;
        within.add(Math.min(line.at, now));
        minute.add(Math.min(line.at, now));
        lastLine = line;
      }
      const count = within.count(now);
      if (count > (worst?.count ?? 0)) worst = { count, at: now };
    },
    status(now) {
      const next: AlertStatus = {
        count: within.count(now),
        lastMinute: minute.count(now),
        max: rule.max,
        withinMs: rule.withinMs,
        isOver: within.count(now) > rule.max,
        ...(worst === undefined ? {} : { worst }),
        ...(lastLine === undefined ? {} : { lastLine }),
      };
      if (told === undefined || !isSame(told, next)) told = next;
      return told;
    },
  };
}

function isSame(one: AlertStatus, other: AlertStatus): boolean {
  return (
    one.count === other.count &&
    one.lastMinute === other.lastMinute &&
    one.worst === other.worst &&
    one.lastLine === other.lastLine
  );
}

const SLOTS = 600;

/** How many came within the last `withinMs`. */
function createSlidingCount(withinMs: number): {
  readonly add: (at: number) => void;
  readonly count: (now: number) => number;
} {
  const slotMs = withinMs / SLOTS;
  // One more than the time holds on either side, as neither its beginning nor its end falls between two slots.
  const counts = new Float64Array(SLOTS + 2);
  const numbers = new Float64Array(SLOTS + 2).fill(Number.NEGATIVE_INFINITY);
  const numberAt = (at: number) => Math.floor(at / slotMs);
  return {
    add(at) {
      const number = numberAt(at);
      const place = number % counts.length;
      if (number < (numbers[place] ?? 0)) return;
      if (number > (numbers[place] ?? 0)) counts[place] = 0;
      numbers[place] = number;
      counts[place] = (counts[place] ?? 0) + 1;
    },
    count(now) {
      const first = numberAt(now - withinMs);
      const last = numberAt(now);
      let sum = 0;
      for (let place = 0; place < counts.length; place++) {
        const number = numbers[place] ?? 0;
        if (number >= first && number <= last) sum += counts[place] ?? 0;
      }
      return sum;
    },
  };
}
