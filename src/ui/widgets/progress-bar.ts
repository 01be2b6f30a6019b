import type { Progress } from '../../run/status.ts';

/** A bar of that many cells; full only when everything is done, empty only when nothing is. */
export function progressBar({ done, total }: Progress, width: number): string {
  const exact = total === 0 ? 0 : (done / total) * width;
  const full = done > 0 && done < total ? Math.min(width - 1, Math.max(1, Math.round(exact))) : Math.round(exact);
  return '▰'.repeat(full) + '▱'.repeat(width - full);
}
