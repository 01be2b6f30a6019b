/** A time as the engine stamps lines: to the nanosecond, which no number of milliseconds holds. */
export type EngineTime = { readonly seconds: number; readonly nanos: number };

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)(?: |$)/;
const NANOS_A_SECOND = 1_000_000_000;

/** Divides a line into its stamp and its text; undefined: it begins with no stamp. */
export function readStamp(line: string): { readonly time: EngineTime; readonly text: string } | undefined {
  const [whole, second, fraction = '', zone] = STAMP.exec(line) ?? [];
  if (whole === undefined) return undefined;
  const seconds = Date.parse(`${second}${zone}`) / 1_000;
  if (Number.isNaN(seconds)) return undefined;
  return { time: { seconds, nanos: Number(fraction.padEnd(9, '0')) }, text: line.slice(whole.length) };
}

/** Milliseconds since the epoch. */
export function timeMs({ seconds, nanos }: EngineTime): number {
  return seconds * 1_000 + Math.floor(nanos / 1_000_000);
}

/** The later one. */
export function laterOf(one: EngineTime | undefined, other: EngineTime): EngineTime {
  if (one === undefined) return other;
  return one.seconds > other.seconds || (one.seconds === other.seconds && one.nanos > other.nanos) ? one : other;
}

/** As the engine wants it in `since`, from the nanosecond after it on. */
export function sinceAfter({ seconds, nanos }: EngineTime): string {
  const next = nanos + 1;
  return next < NANOS_A_SECOND ? sinceText(seconds, next) : sinceText(seconds + 1, 0);
}

/** A time in milliseconds since the epoch as the engine wants it. */
export function sinceAt(atMs: number): string {
  const seconds = Math.floor(atMs / 1_000);
  return sinceText(seconds, Math.floor(atMs - seconds * 1_000) * 1_000_000);
}

function sinceText(seconds: number, nanos: number): string {
  return `${seconds}.${String(nanos).padStart(9, '0')}`;
}
