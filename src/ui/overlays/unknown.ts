import { expandFor } from '../../run/plan.ts';
import { stateOf, stepById } from '../../run/select.ts';
import { unknownChoices } from '../keys/rollback-keys.ts';
import { hanging } from '../panes/detail.ts';
import type { Scene } from '../scene.ts';
import { type Row, span } from '../spans.ts';
import { styles } from '../theme.ts';
import { choice, labelled, type Sheet } from '../widgets/sheet.ts';

const consequences: Readonly<Record<(typeof unknownChoices)[number], string>> = {
  'adopt as done': 'it did its work; go on behind it',
  'run again': 'a new attempt; only where it stands being run twice',
  'undo it': 'the plan of its undo; nothing happens yet',
  'mark failed': 'it did not do its work',
};

/** What is known of a step nobody knows the end of, and what may become of it. */
export function unknownSheet(scene: Scene, stepId: string, width: number): Sheet {
  const { run, live, top } = scene;
  const state = stateOf(run, stepId);
  const at = Math.min(top?.at ?? 0, unknownChoices.length - 1);
  const { evidence } = live;
  const facts: Row[] = [
    ...hanging('?', styles.wary, state.status === 'unknown' ? state.why : 'It is known by now.', width),
    [],
    ...(evidence === undefined
      ? [[span('Looking for evidence …', styles.quiet)]]
      : [
          labelled('process', 10, [evidence.process]),
          ...(evidence.verify === undefined ? [] : [labelled('verify', 10, answer(evidence.verify))]),
          ...(evidence.unless === undefined ? [] : [labelled('unless', 10, answer(evidence.unless))]),
          ...lastLines(evidence.lastLines),
        ]),
    [],
  ];
  return {
    title: `Unknown · ${expandFor(run, stepById(run, stepId).title)}`,
    tone: 'plain',
    size: 'wide',
    head: facts,
    rows: unknownChoices.map((one, index) =>
      choice([one.padEnd(16), span(consequences[one], styles.quiet)], index === at),
    ),
    selected: at,
    last: unknownChoices.length - 1,
  };
}

function answer(asked: { readonly held: boolean; readonly found: string }): Row {
  const found = asked.found.trim() === '' ? '' : `: ${asked.found}`;
  return [asked.held ? span(`✔ holds${found}`, styles.good) : span(`✖ does not hold${found}`, styles.bad)];
}

function lastLines(lines: readonly string[]): readonly Row[] {
  if (lines.length === 0) return [labelled('output', 10, [span('none', styles.quiet)])];
  return lines.slice(-6).map((line, index) => labelled(index === 0 ? 'output' : '', 10, [line]));
}
