import { expandFor } from '../../run/plan.ts';
import type { Scene } from '../scene.ts';
import { cut, type Row, span, widthOf, wrapText } from '../spans.ts';
import { itemLook, styles } from '../theme.ts';
import { choice, type Sheet } from '../widgets/sheet.ts';

/** The checklist items of all phases. */
export function checklistSheet(scene: Scene): Sheet {
  const { run, top } = scene;
  const items = run.runbook.phases.flatMap((phase) => phase.checklist);
  const at = Math.min(top?.at ?? 0, Math.max(0, items.length - 1));
  const rows: Row[] = [];
  let selected = 0;
  let index = 0;
  for (const phase of run.runbook.phases) {
    if (phase.checklist.length === 0) continue;
    if (rows.length > 0) rows.push([]);
    rows.push([span(expandFor(run, phase.title), styles.focusTitle)]);
    for (const item of phase.checklist) {
      const state = run.items[item.id] ?? { status: 'open' };
      const look = itemLook(state.status);
      const note =
        state.status === 'ticked'
          ? `  ${state.by}`
          : state.status === 'open' && state.notMet !== undefined
            ? '  does not hold'
            : '';
      if (index === at) selected = rows.length;
      rows.push(
        choice([span(look.glyph, look.style), ` ${expandFor(run, item.text)}`, span(note, styles.quiet)], index === at),
      );
      index += 1;
    }
  }
  const ticked = items.filter((item) => run.items[item.id]?.status === 'ticked').length;
  return {
    title: 'Checklist',
    tone: 'plain',
    size: 'wide',
    note: `${ticked}/${items.length} ticked`,
    head: [],
    rows: items.length === 0 ? [['This runbook has no checklist.']] : rows,
    selected,
    last: Math.max(0, items.length - 1),
  };
}

/** Variables, what they hold and where that came from; of a secret only whether it is held. */
export function variablesSheet(scene: Scene, width: number): Sheet {
  const { run, engine, top } = scene;
  const { vars } = run.runbook;
  const at = Math.min(top?.at ?? 0, Math.max(0, vars.length - 1));
  const names = Math.min(28, Math.max(8, ...vars.map((one) => one.name.length)) + 2);
  const values = Math.max(12, width - names - 16);
  const held = engine.secretsHeld();
  const rows = vars.map((variable, index): Row => {
    const value = variable.secret
      ? span(held.includes(variable.name) ? '••••' : 'asked for when needed', styles.quiet)
      : span(
          cut(run.values[variable.name] ?? '', values - 1),
          (run.values[variable.name] ?? '') === '' ? styles.quiet : {},
        );
    const origin = variable.secret ? 'secret' : engine.originOf(variable.name);
    const shown = value.text === '' ? '(empty)' : value.text;
    const gap = ' '.repeat(Math.max(1, values - widthOf(shown)));
    return choice(
      [cut(variable.name, names - 1).padEnd(names), span(shown, value.style), gap, span(origin, styles.quiet)],
      index === at,
    );
  });
  const about = vars[at]?.about;
  return {
    title: 'Variables',
    tone: 'plain',
    size: 'wide',
    head: [[span(`  ${'name'.padEnd(names)}${'value'.padEnd(values)}from`, styles.quiet)]],
    rows:
      vars.length === 0
        ? [['This runbook has no variables.']]
        : [
            ...rows,
            [],
            ...(about === undefined ? [] : wrapText(about, width).map((line): Row => [span(line, styles.quiet)])),
          ],
    selected: at,
    last: Math.max(0, vars.length - 1),
  };
}
