import type { Estimate } from './runbook.ts';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof unitMs;

const single = '\\d+(?:\\.\\d+)?(?:ms|s|m|h|d|w)';

/** A duration as a definition writes it: `500ms`, `90s`, `30m`, `24h`, `2d`, `2w`. */
export const durationPattern = new RegExp(`^${single}$`);

/** A duration, or a range of two: `1h-2h`. */
export const estimatePattern = new RegExp(`^${single}(?:-${single})?$`);

/** The longest duration that is taken: 52 weeks. */
export const longestDurationMs = 52 * unitMs.w;

/** Milliseconds of `90s`, `30m`, `24h`, `2w` …; undefined where the text is no duration, or over 52 weeks. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text);
  if (match === null) return undefined;
  const lengthMs = Math.round(Number(match[1]) * unitMs[match[2] as Unit]);
  return lengthMs <= longestDurationMs ? lengthMs : undefined;
}

/** A duration or a range of two; undefined where the text is neither, or the range runs backwards. */
export function parseEstimate(text: string): Estimate | undefined {
  const [first, second, ...rest] = text.split('-').map(parseDuration);
  if (first === undefined || rest.length > 0) return undefined;
  if (!text.includes('-')) return { minMs: first, maxMs: first };
  return second === undefined || second < first ? undefined : { minMs: first, maxMs: second };
}
