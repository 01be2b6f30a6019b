import { endedAt } from '../../run/elapsed.ts';
import { expandFor } from '../../run/plan.ts';
import { isActive, stepById } from '../../run/select.ts';
import { durationText, endingText } from '../../run/sentences.ts';
import type { Attempt } from '../../run/state.ts';
import type { PlacedPane } from '../layout.ts';
import type { Scene } from '../scene.ts';
import { type Row, type Style, span } from '../spans.ts';
import { styles } from '../theme.ts';
import { borderStyle, edgeRow, holeSides, sidedRows } from '../widgets/frame.ts';
import type { Part } from '../widgets/part.ts';
import { detailRows } from './detail.ts';

type OutputPane = Extract<PlacedPane, { id: 'output' }>;

/** The frame around output, and what is said above it; the hole itself stays empty. */
export function outputPane(scene: Scene, pane: OutputPane): readonly Part[] {
  const { width, height } = pane.rect;
  const focused = scene.view.focus === 'output' && scene.top === undefined;
  const border = borderStyle(focused);
  const joint = pane.top === 'joint';
  const top = edgeRow(
    { left: joint ? '├' : '╭', right: joint ? '┤' : '╮', title: outputTitle(scene, focused), note: outputNote(scene) },
    width,
    border,
  );
  const details = detailRows(scene, pane.detail.width - 1);
  const first = Math.min(scene.view.detailAt, detailReach(details.length, pane));
  const shown = details.slice(first, first + pane.detail.height).map((row): Row => [' ', ...row]);
  const scroll = { rows: details.length, first };
  const divider =
    pane.divider === undefined ? [] : [edgeRow({ left: '├', right: '┤', title: [], note: [] }, width, styles.quiet)];
  const bottom = edgeRow({ left: '╰', right: '╯', title: [], note: [] }, width, border);
  const upper = [
    top,
    ...sidedRows({ rows: shown, width, height: pane.detail.height, style: border, scroll }),
    ...divider,
  ];
  if (pane.hole === undefined) return [{ id: 'output', rect: pane.rect, rows: [...upper, bottom] }];
  return [
    { id: 'output', rect: { ...pane.rect, height: upper.length }, rows: upper },
    ...holeSides('output', pane.hole, border),
    { id: 'output bottom', rect: { ...pane.rect, y: pane.rect.y + height - 1, height: 1 }, rows: [bottom] },
  ];
}

/** How far the details can be scrolled. */
export function detailReach(rows: number, pane: OutputPane): number {
  return Math.max(0, rows - pane.detail.height);
}

function outputTitle(scene: Scene, focused: boolean): Row {
  const style: Style = focused ? styles.focusTitle : {};
  const { shown, row } = scene;
  if (shown === undefined) {
    if (row?.kind === 'item') return [span('Checklist', style)];
    if (row?.kind === 'gate') return [span('Gate', style)];
    return [span(row === undefined ? '' : expandFor(scene.run, row.step.title), style)];
  }
  const number = scene.attempts.indexOf(shown) + 1;
  const which = scene.attempts.length > 1 ? `[${number}/${scene.attempts.length}] ` : '';
  const undo = shown.purpose.kind === 'undo' ? '↩ undo · ' : '';
  return [span(`${which}${undo}${commandLine(scene, shown)}`, style)];
}

function commandLine(scene: Scene, attempt: Attempt): string {
  if (attempt.purpose.kind !== 'step') return attempt.title;
  const { action } = stepById(scene.run, attempt.purpose.stepId);
  if (!('script' in action)) return scene.engine.describeStep(attempt.purpose.stepId)[0] ?? attempt.title;
  const script = action.script.trim();
  // The first line of many says little; the title says it all.
  return script.includes('\n') ? expandFor(scene.run, attempt.title) : `$ ${script}`;
}

function outputNote(scene: Scene): Row {
  const { shown, output, view } = scene;
  if (shown === undefined) return [];
  if (view.typing === shown.number) return [span('typing · Ctrl-G ends', styles.busy)];
  const ended = endingNote(shown);
  if (!output.following) {
    const news = output.newLines > 0 ? ` · ${output.newLines.toLocaleString('en')} new` : '';
    return [span(`paused${news} · End follows`, styles.wary)];
  }
  return isActive(shown) ? [span('following', styles.busy)] : ended;
}

function endingNote(attempt: Attempt): Row {
  const { life } = attempt;
  if (life.status === 'ended') {
    const took = durationText(Math.max(0, (endedAt(attempt) ?? life.at) - attempt.startedAt));
    return [span(`${endingText(life.result.ending)} · ${took}`, styles.quiet)];
  }
  return life.status === 'lost' || life.status === 'withdrawn' ? [span(life.why, styles.wary)] : [];
}
