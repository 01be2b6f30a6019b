import { expandFor } from '../../run/plan.ts';
import { isManual, runningAttempts } from '../../run/select.ts';
import { clockText } from '../../run/sentences.ts';
import type { Scene } from '../scene.ts';
import { fitRow, type Row, span, wrapRows } from '../spans.ts';
import { styles } from '../theme.ts';

/** What was said last, in as many rows as it needs; else why running on ended, else what goes on out of sight. */
export function messageRows(scene: Scene, size: { readonly width: number; readonly height: number }): readonly Row[] {
  const { message } = scene.view;
  if (message === undefined) return [standingRow(scene, size.width)];
  const mark = { refused: span(' ⚠ ', styles.wary), good: span(' ✔ ', styles.good), plain: ' ' }[message.tone];
  return wrapRows(mark, span(message.text), size);
}

function standingRow({ run, shown, holding, knownAt }: Scene, width: number): Row {
  if (holding.kind === 'damaged')
    return fitRow(
      [span(` What stands here is from ${clockText(knownAt)}: nobody knows how it went on.`, styles.wary)],
      width,
    );
  if (run.runOn !== undefined)
    return fitRow(
      [' ', span('▶ running on', styles.busy), ' to the next stop · ', span('a', styles.key), ' holds after this step'],
      width,
    );
  const ended = run.runOnEnded === undefined ? [] : [span(` Running on ended: ${run.runOnEnded}`, styles.quiet)];
  const others = runningAttempts(run).filter((one) => one.number !== shown?.number && !isManual(run, one));
  if (others.length === 0) return fitRow(ended, width);
  const titles = others.map((attempt) => expandFor(run, attempt.title)).join(' · ');
  return fitRow([...ended, ' ', span('▶ also running: ', styles.busy), titles], width);
}
