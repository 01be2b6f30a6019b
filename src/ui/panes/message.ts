import { expandFor } from '../../run/plan.ts';
import { isManual, runningAttempts } from '../../run/select.ts';
import type { Scene } from '../scene.ts';
import { fitRow, type Row, span } from '../spans.ts';
import { styles } from '../theme.ts';

/** What was said last, else why running on ended, else what goes on out of sight. */
export function messageRow(scene: Scene, width: number): Row {
  const { message } = scene.view;
  if (message !== undefined) {
    const mark = { refused: span(' ⚠ ', styles.wary), good: span(' ✔ ', styles.good), plain: ' ' }[message.tone];
    return fitRow([mark, message.text], width);
  }
  const { run } = scene;
  if (run.runOn !== undefined)
    return fitRow(
      [' ', span('▶ running on', styles.busy), ' to the next stop · ', span('a', styles.key), ' holds after this step'],
      width,
    );
  const ended = run.runOnEnded === undefined ? [] : [span(` Running on ended: ${run.runOnEnded}`, styles.quiet)];
  const others = runningAttempts(run).filter((one) => one.number !== scene.shown?.number && !isManual(run, one));
  if (others.length === 0) return fitRow(ended, width);
  const titles = others.map((attempt) => expandFor(run, attempt.title)).join(' · ');
  return fitRow([...ended, ' ', span('▶ also running: ', styles.busy), titles], width);
}
