import { expandFor } from '../../run/plan.ts';
import { runningAttempts } from '../../run/select.ts';
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
  const others = runningAttempts(run).filter((attempt) => attempt.number !== scene.shown?.number);
  if (others.length > 0) {
    const titles = others.map((attempt) => expandFor(run, attempt.title)).join(' · ');
    return fitRow([' ', span('▶ also running: ', styles.busy), titles], width);
  }
  return run.runOnEnded === undefined
    ? []
    : fitRow([span(` Running on ended: ${run.runOnEnded}`, styles.quiet)], width);
}
