/** One line of the table. */
export type Figure = {
  readonly what: string;
  readonly unit: string;
  /** Absent: no aim was set. */
  readonly aim?: number;
  readonly reached: number;
  readonly peer?: { readonly name: string; readonly reached: number };
};

/** The value below which that part of all lies (0.5: the median). */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The table as rows of text; `✔` and `✖` say whether an aim was reached. */
export function tableOf(figures: readonly Figure[]): readonly string[] {
  const head = ['figure', 'aim', 'reached', '', 'peer', '', 'ratio'];
  const body = figures.map(({ what, unit, aim, reached, peer }) => [
    what,
    aim === undefined ? '' : `${readable(aim)} ${unit}`,
    `${readable(reached)} ${unit}`,
    aim === undefined ? '' : reached <= aim ? '✔' : '✖',
    peer === undefined ? '' : `${readable(peer.reached)} ${unit}`,
    peer?.name ?? '',
    peer === undefined || peer.reached === 0 ? '' : `×${(reached / peer.reached).toFixed(2)}`,
  ]);
  const rows = [head, ...body];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function readable(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(0) : value.toFixed(1);
}
