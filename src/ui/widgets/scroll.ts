/** First row to show so that the selected one is in sight, with one row more on either side where there is room. */
export function firstVisible(input: {
  readonly rows: number;
  readonly height: number;
  readonly selected: number;
}): number {
  const { rows, height, selected } = input;
  if (rows <= height) return 0;
  const wanted = selected - Math.floor(height / 2);
  return Math.max(0, Math.min(wanted, rows - height));
}

/** Which rows of a track of `height` cells the thumb of a scroll bar covers; undefined: everything is in sight. */
export function thumbOf(input: {
  readonly rows: number;
  readonly height: number;
  readonly first: number;
}): { readonly from: number; readonly to: number } | undefined {
  const { rows, height, first } = input;
  if (rows <= height || height < 2) return undefined;
  const size = Math.max(1, Math.floor((height * height) / rows));
  const from = Math.round((first / (rows - height)) * (height - size));
  return { from, to: from + size };
}
