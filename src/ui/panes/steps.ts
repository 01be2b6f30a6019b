import type { Step } from '../../definition/runbook.ts';
import { phaseElapsedMs, stepElapsedMs } from '../../run/elapsed.ts';
import { expandFor } from '../../run/plan.ts';
import { canUndo, isConfirmed, isInBackground, latestAttempt, stateOf } from '../../run/select.ts';
import { durationText, estimateText } from '../../run/sentences.ts';
import { phaseProgress } from '../../run/status.ts';
import type { ListRow, Scene } from '../scene.ts';
import { type Row, type Span, type Style, span, spread } from '../spans.ts';
import { itemLook, type Look, marks, stepLook, styles } from '../theme.ts';
import { borderStyle, edgeRow, sidedRows } from '../widgets/frame.ts';
import { firstVisible } from '../widgets/scroll.ts';

/** The focused phase: its steps, checklist and gate as one list, the selected row always in sight. */
export function stepsPane(
  scene: Scene,
  size: { readonly width: number; readonly height: number; readonly closed: boolean },
): readonly Row[] {
  const { width, height, closed } = size;
  const focused = scene.view.focus === 'steps' && scene.top === undefined;
  const border = borderStyle(focused);
  const inner = height - 1 - (closed ? 1 : 0);
  const first = firstVisible({ rows: scene.rows.length, height: inner, selected: scene.rowIndex });
  const rows = scene.rows
    .slice(first, first + inner)
    .map((row, index) => listRow(scene, row, { selected: first + index === scene.rowIndex, width: width - 2 }));
  const sides = sidedRows({ rows, width, height: inner, style: border, scroll: { rows: scene.rows.length, first } });
  const bottom = closed ? [edgeRow({ left: '╰', right: '╯', title: [], note: [] }, width, border)] : [];
  return [topEdge(scene, width, focused), ...sides, ...bottom];
}

function topEdge(scene: Scene, width: number, focused: boolean): Row {
  const { run, phase, knownAt } = scene;
  const progress = phaseProgress(run, phase.id);
  const elapsed = phaseElapsedMs(run, phase.id, knownAt);
  const estimate = phase.estimate === undefined ? [] : [estimateText(phase.estimate)];
  const parts = elapsed === 0 ? estimate : [[durationText(elapsed), ...estimate].join(' of ')];
  const time = parts.map((part) => ` · ${part}`).join('');
  const title = `${scene.phaseIndex + 1} ${expandFor(run, phase.title)}`;
  const danger: Row = phase.danger ? [span(' ⚠ danger', styles.bad)] : [];
  return edgeRow(
    {
      left: '╭',
      right: '╮',
      title: [span(title, focused ? styles.focusTitle : styles.strong), ...danger],
      note: [`${progress.done}/${progress.total}${time}`],
    },
    width,
    borderStyle(focused),
  );
}

function listRow(scene: Scene, row: ListRow, at: { readonly selected: boolean; readonly width: number }): Row {
  const marker: Span | string = at.selected ? span('▸', styles.focus) : ' ';
  const title: Style = at.selected ? styles.strong : {};
  switch (row.kind) {
    case 'step':
      return stepRow(scene, row.step, { ...at, marker, title });
    case 'item': {
      const state = scene.run.items[row.item.id] ?? { status: 'open' };
      const look = itemLook(state.status);
      const word = state.status === 'open' && state.notMet !== undefined ? span('does not hold  ', styles.wary) : '';
      const asking = state.status === 'asking' ? span('asking  ', styles.busy) : word;
      const own = row.item.run === undefined ? '' : span('checks itself  ', styles.quiet);
      const right = state.status === 'open' && word === '' ? own : asking;
      const text = span(expandFor(scene.run, row.item.text), title);
      return spread([marker, span(look.glyph, look.style), ' ', text], [right], at.width);
    }
    case 'gate': {
      const open = isConfirmed(scene.run, 'gate', row.phaseId);
      const look: Look = open
        ? { glyph: '✔', style: styles.good, word: 'gate open' }
        : { glyph: '◇', style: styles.focus, word: 'gate' };
      const text = span(expandFor(scene.run, row.text), title);
      return spread(
        [marker, span(look.glyph, look.style), ' ', text],
        [span(`${look.word}  `, styles.quiet)],
        at.width,
      );
    }
    default:
      return row satisfies never;
  }
}

function stepRow(
  scene: Scene,
  step: Step,
  at: { readonly width: number; readonly marker: Span | string; readonly title: Style },
): Row {
  const { run, knownAt } = scene;
  const state = stateOf(run, step.id);
  const background = isInBackground(run, step);
  const look = background
    ? { ...stepLook('running'), word: step.action.kind === 'watch' ? 'watching' : 'up' }
    : stepLook(state.status);
  const elapsed = stepElapsedMs(run, step.id, knownAt);
  const quiet = ['pending', 'succeeded'].includes(state.status) && !background;
  const word = quiet
    ? ''
    : `${retryWord(scene, step) ?? stoppingWord(scene, step) ?? waitingWord(step, state.status) ?? look.word}  `;
  const time = elapsed > 0 || ['succeeded', 'running', 'failed'].includes(state.status) ? durationText(elapsed) : '';
  const kind =
    state.status === 'pending' && step.action.kind !== 'run' ? span(`${step.action.kind}  `, styles.quiet) : '';
  const left: Row = [at.marker, span(look.glyph, look.style), ' ', span(expandFor(run, step.title), at.title)];
  return spread(left, [kind, span(word, look.style), time.padStart(7), '  ', backMark(scene, step), ' '], at.width);
}

function retryWord(scene: Scene, step: Step): string | undefined {
  const state = stateOf(scene.run, step.id);
  if ((state.status !== 'failed' && state.status !== 'timed out') || state.retry === undefined) return undefined;
  const seconds = Math.max(0, Math.ceil((state.retry.dueAt - scene.knownAt) / 1000));
  return `${state.status}, again in ${seconds}s`;
}

/** A manual step that has begun does not run by itself. */
function waitingWord(step: Step, status: string): string | undefined {
  return step.action.kind === 'manual' && status === 'running' ? 'waiting for you' : undefined;
}

/** Which signal a step was sent last; undefined: it was not asked to stop. */
function stoppingWord(scene: Scene, step: Step): string | undefined {
  const life = latestAttempt(scene.run, step.id)?.life;
  if (life?.status !== 'stopping') return undefined;
  return life.signal === undefined ? 'stopping' : `stopping · ${life.signal} sent`;
}

function backMark(scene: Scene, step: Step): Span | string {
  const kind = canUndo(scene.run, step.id);
  switch (kind) {
    case 'undo':
    case 'restore':
      return marks.undo;
    case 'irreversible':
      return span(marks.irreversible, styles.wary);
    case 'none':
      return ' ';
    default:
      return kind satisfies never;
  }
}
