import { isPlainPattern } from './plain-pattern.ts';
import { createTimeGuard, type TimeGuard } from './time-guard.ts';

/** Far more than any sensible pattern takes, also on a machine that is busy. */
const LIMIT_MS = 1_000;

/**
 * Whether a regular expression matches a text; undefined: that can't be said, since it takes too long, or is too large. Some patterns take
 * for ever on some texts, and nothing else may stand still for it.
 */
export function matchInTime(pattern: RegExp, text: string): boolean | undefined {
  if (isPlainPattern(pattern)) return pattern.test(text);
  const guard: TimeGuard = createTimeGuard(LIMIT_MS);
  let answer: boolean | undefined;
  try {
    guard(() => {
      answer = pattern.test(text);
    });
  } catch {
    // One that is too large is refused only when it is used.
    return undefined;
  }
  return answer;
}
