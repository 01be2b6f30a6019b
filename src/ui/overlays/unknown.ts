import { expandFor } from '../../run/plan.ts';
import { stateOf, stepById } from '../../run/select.ts';
import { clockText, stateText } from '../../run/sentences.ts';
import { unknownChoices } from '../keys/unknown-keys.ts';
import { hanging } from '../panes/detail.ts';
import type { Scene } from '../scene.ts';
import { type Row, span } from '../spans.ts';
import { stepLook, styles } from '../theme.ts';
import { evidenceSheetRows } from '../widgets/evidence.ts';
import { choice, type Sheet } from '../widgets/sheet.ts';

const consequences: Readonly<Record<(typeof unknownChoices)[number], string>> = {
  'adopt as done': 'it did its work; go on behind it',
  'run again': 'a new attempt; only where it stands being run twice',
  'undo it': 'the plan of its undo; nothing happens yet',
  'mark failed': 'it did not do its work',
};

/** What stands around the evidence: an empty row on each side of it, and the choices. */
const AROUND = 2 + unknownChoices.length;

/**
 * What is known of a step nobody knows the end of, and what may become of it.
 *
 * @param height rows there are inside.
 */
export function unknownSheet(
  scene: Scene,
  stepId: string,
  { width, height }: { readonly width: number; readonly height: number },
): Sheet {
  const { run, live, top } = scene;
  const state = stateOf(run, stepId);
  const title = `Unknown · ${expandFor(run, stepById(run, stepId).title)}`;
  if (state.status !== 'unknown') {
    const now = hanging(stepLook(state.status).glyph, styles.quiet, `It is known by now: ${stateText(state)}`, width);
    return { title, tone: 'plain', size: 'wide', head: now, rows: [] };
  }
  const at = Math.min(top?.at ?? 0, unknownChoices.length - 1);
  const { evidence } = live;
  const why = hanging('?', styles.wary, state.why, width);
  const left = height - why.length - AROUND;
  return {
    title,
    tone: 'plain',
    size: 'wide',
    note: evidence?.at === undefined ? 'looking …' : `as of ${clockText(evidence.at)}`,
    head: [...why, [], ...evidenceSheetRows(evidence, { width, height: left, output: true }), []],
    rows: unknownChoices.map((one, index) =>
      choice([one.padEnd(16), span(consequences[one], styles.quiet)], index === at),
    ),
    selected: at,
    last: unknownChoices.length - 1,
  };
}

/** What stands on the desk of a rollback about an undo nobody knows the end of. */
export function unknownUndoRows(scene: Scene, width: number): readonly Row[] {
  const { evidence } = scene.live;
  return evidence === undefined ? [] : evidenceSheetRows(evidence, { width, height: 0, output: false });
}
