import type { Phase } from '../../definition/runbook.ts';
import { phaseElapsedMs } from '../../run/elapsed.ts';
import { expandFor } from '../../run/plan.ts';
import { canUndo, stateOf } from '../../run/select.ts';
import { durationText, estimateText } from '../../run/sentences.ts';
import type { Run } from '../../run/state.ts';
import { phaseProgress, phaseStatus } from '../../run/status.ts';
import type { Scene } from '../scene.ts';
import { cut, fitRow, type Row, rowWidth, span, spread } from '../spans.ts';
import { marks, overallLook, styles } from '../theme.ts';
import { borderStyle, edgeRow, sidedRows } from '../widgets/frame.ts';
import { progressBar } from '../widgets/progress-bar.ts';
import { firstVisible } from '../widgets/scroll.ts';
import { glanceRow } from './glance.ts';

/** A card for each phase, the selected one open, and below them how far the way back reaches. */
export function phaseColumn(scene: Scene, width: number, height: number): readonly Row[] {
  const focused = scene.view.focus === 'phases' && scene.top === undefined;
  const cards = scene.run.runbook.phases.flatMap((phase, index) => card(scene, phase, index, width));
  const last = edgeRow({ left: '╰', right: '╯', title: [], note: [] }, width, borderStyle(focused));
  const all = [...cards, last];
  const selected = scene.phaseIndex + 1;
  const notes = wayBack(scene.run);
  if (all.length + notes.length + 1 <= height) return [...all, [], ...notes];
  const first = firstVisible({ rows: all.length, height, selected });
  return all.slice(first, first + height);
}

/** All phases in one line: numbers and marks, the selected one with its name. */
export function phaseStrip(scene: Scene, width: number): Row {
  const { run } = scene;
  const parts = run.runbook.phases.map((phase, index): Row => {
    const look = overallLook(phaseStatus(run, phase.id));
    const number = `${index + 1}`;
    if (index !== scene.phaseIndex) return [`${number} `, span(look.glyph, look.style), '  '];
    const progress = phaseProgress(run, phase.id);
    const focus = scene.view.focus === 'phases' ? styles.focusTitle : styles.strong;
    return [
      span('▸', styles.focus),
      span(`${number} ${cut(expandFor(run, phase.title), Math.max(12, width - 40))}`, focus),
      ` ${progress.done}/${progress.total} `,
      span(look.glyph, look.style),
      '  ',
    ];
  });
  const all: Row = [' ', ...parts.flat()];
  const glance = glanceRow(scene, width - rowWidth(all) - 2);
  if (rowWidth(all) + rowWidth(glance) + 2 <= width) return spread(all, [...glance, ' '], width);
  if (rowWidth(all) <= width) return all;
  return fitRow([' ', ...parts.slice(Math.max(0, scene.phaseIndex - 2)).flat()], width);
}

/** Phases alone on the screen, with their times. */
export function phaseList(scene: Scene, width: number, height: number): readonly Row[] {
  const { run, knownAt } = scene;
  const rows = run.runbook.phases.map((phase, index): Row => {
    const look = overallLook(phaseStatus(run, phase.id));
    const progress = phaseProgress(run, phase.id);
    const elapsed = phaseElapsedMs(run, phase.id, knownAt);
    const estimate = phase.estimate === undefined ? '' : ` of ${estimateText(phase.estimate)}`;
    const time = elapsed === 0 && estimate === '' ? '' : `${durationText(elapsed)}${estimate}`;
    const marker = index === scene.phaseIndex ? span('▸ ', styles.focus) : '  ';
    const left: Row = [
      marker,
      span(look.glyph, look.style),
      ` ${index + 1} `,
      span(expandFor(run, phase.title), index === scene.phaseIndex ? styles.strong : {}),
    ];
    const counts = `${progress.done}/${progress.total}`.padStart(6);
    const word = width < 100 ? '' : `  ${look.word.padEnd(18)}`;
    const right = ` ${progressBar(progress, 10)} ${counts}  ${time.padStart(16)}${word} `;
    return spread(left, [right], width - 2);
  });
  const top = edgeRow(
    { left: '╭', right: '╮', title: [span('Phases', styles.focusTitle)], note: [] },
    width,
    styles.focus,
  );
  const bottom = edgeRow({ left: '╰', right: '╯', title: [], note: [] }, width, styles.focus);
  const inner = [...rows, [], ...wayBack(run)];
  const first = firstVisible({ rows: inner.length, height: height - 2, selected: scene.phaseIndex });
  const sides = sidedRows({
    rows: inner.slice(first),
    width,
    height: height - 2,
    style: styles.focus,
    scroll: { rows: inner.length, first },
  });
  return [top, ...sides, bottom];
}

function card(scene: Scene, phase: Phase, index: number, width: number): readonly Row[] {
  const { run } = scene;
  const selected = index === scene.phaseIndex;
  const focused = scene.view.focus === 'phases' && scene.top === undefined;
  const progress = phaseProgress(run, phase.id);
  const look = overallLook(phaseStatus(run, phase.id));
  const border = borderStyle(focused);
  const counts = `${progress.done}/${progress.total}`;
  const name = `${index + 1} ${expandFor(run, phase.title)}`;
  const marker: Row = selected ? [span('▸', styles.focus)] : [' '];
  const inner = width - 2;
  const title: Row = [...marker, span(cut(name, inner - counts.length - 5), selected ? styles.strong : {})];
  const right: Row = [` ${counts} `, span(look.glyph, look.style), ' '];
  const head: Row = [span('╭', border), ...spread(title, right, inner), span('╮', border)];
  if (!selected) return [head];
  const bar = spread([`  ${progressBar(progress, Math.min(12, inner - 12))}`], [times(scene, phase), ' '], inner);
  return [head, [span('│', border), ...bar, span('│', border)]];
}

function times(scene: Scene, phase: Phase): string {
  const elapsed = phaseElapsedMs(scene.run, phase.id, scene.knownAt);
  return elapsed === 0 ? '' : durationText(elapsed);
}

/** How many steps can be undone, and which of those done can't. */
function wayBack(run: Run): readonly Row[] {
  const done = run.runbook.phases
    .flatMap((phase) => phase.steps)
    .filter((step) => !['pending', 'skipped', 'satisfied', 'undone'].includes(stateOf(run, step.id).status));
  const undoable = done.filter((step) => ['undo', 'restore'].includes(canUndo(run, step.id))).length;
  const final = done.filter((step) => canUndo(run, step.id) === 'irreversible').length;
  const rows: Row[] = [];
  if (final > 0) rows.push([' ', span(marks.irreversible, styles.wary), ` ${counted(final)} with no way back`]);
  if (undoable > 0) rows.push([' ', marks.undo, ` ${counted(undoable)} can be undone`]);
  return rows;
}

function counted(count: number): string {
  return count === 1 ? '1 step' : `${count} steps`;
}
