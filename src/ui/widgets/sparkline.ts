const LEVELS = '▁▂▃▄▅▆▇█';

/** A bar a value on a scale from 0 to `top`: nothing is the lowest bar, what was not measured a blank. */
export function sparkline(values: readonly (number | undefined)[], top: number): string {
  return values
    .map((value) => {
      if (value === undefined) return ' ';
      const level = Math.min(LEVELS.length - 1, Math.floor((Math.max(0, value) / top) * LEVELS.length));
      return LEVELS.charAt(level);
    })
    .join('');
}
