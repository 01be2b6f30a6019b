import type { UndoOutlook } from '../../engine/api.ts';
import { stillStopping } from '../../run/advance-rollback.ts';
import type { RollbackItem, RollbackPlan } from '../../run/event.ts';
import { staysAfter } from '../../run/left-running.ts';
import { expandFor } from '../../run/plan.ts';
import { phaseById, runningAttempts, stepById } from '../../run/select.ts';
import { durationText, reasonText } from '../../run/sentences.ts';
import type { Rollback, Run, UndoState } from '../../run/state.ts';
import { undoCautions } from '../../run/undo-caution.ts';
import { planRefusal } from '../keys/rollback-keys.ts';
import { awaitedBy, hanging } from '../panes/detail.ts';
import { rollbackShown, type Scene, selectedUndo } from '../scene.ts';
import { type Row, type Style, span, wrapText } from '../spans.ts';
import { marks, styles, undoLook } from '../theme.ts';
import { markdownRows } from '../widgets/markdown-rows.ts';
import { choice, type Sheet } from '../widgets/sheet.ts';
import { unknownUndoRows } from './unknown.ts';

/** What a rollback would do: every undo in order, whether it can still work, and what stays. Changes nothing. */
export function planSheet(scene: Scene, width: number): Sheet {
  const { run, live } = scene;
  const { plan } = live;
  if (plan === undefined)
    return { title: 'Roll back', tone: 'danger', size: 'wide', head: [], rows: [['Working out the plan …']] };
  const items = plan.items.flatMap((item, index) => planItem(scene, item, index, width));
  const remaining = plan.remaining.flatMap((one) =>
    hanging(marks.irreversible, styles.wary, `${expandFor(run, one.title)}: ${one.why}`, width),
  );
  const refusal = planRefusal(scene);
  const nothing = plan.items.length === 0;
  const stopped = stillStopping(run, { plan }).map((one) => one.title);
  return {
    title: `Roll back · ${scopeName(run, plan)}`,
    tone: 'danger',
    size: 'wide',
    note: nothing ? 'nothing to undo' : `${plan.items.length} ${plan.items.length === 1 ? 'undo' : 'undos'}`,
    head: [
      ...(nothing
        ? []
        : [[span('In this order, one after the other; the first that fails stops it there.', styles.quiet)]]),
      ...(stopped.length === 0 ? [] : hanging(marks.warning, styles.wary, `First stops ${stopped.join(', ')}.`, width)),
      ...wrapText(refusal ?? (nothing ? 'No command has to run; the steps become pending again.' : ''), width)
        .filter((line) => line !== '')
        .map((line): Row => [span(line, styles.wary)]),
      ...(nothing ? [] : [[]]),
    ],
    rows: [...items, ...(remaining.length > 0 ? [[], [span('Stays as it is', styles.focusTitle)], ...remaining] : [])],
  };
}

/** A rollback that goes on, or is over: each undo with its state, the first failure on top, output below. */
export function rollbackSheet(scene: Scene, width: number): Sheet {
  const { run, top } = scene;
  const rollback = rollbackShown(run);
  if (rollback === undefined)
    return { title: 'Rollback', tone: 'danger', size: 'wide', head: [], rows: [['There was none.']] };
  const { items } = rollback.plan;
  const at = selectedUndo(run, top?.at ?? -1);
  const rows = items.map((item, index) => choice(undoRow(scene, rollback, item), index === at));
  const selected = items[at] === undefined ? undefined : rollback.items[items[at].id];
  const inner = width - 4;
  const about = [
    ...(selected === undefined ? [] : [...undoFailure(scene, selected, inner), ...unknownUndoRows(scene, inner)]),
    ...byHand(scene, items[at], inner),
  ].map((row): Row => ['    ', ...row]);
  const remaining = staysAfter(run, rollback).flatMap((one) =>
    hanging(marks.irreversible, styles.wary, `stays: ${expandFor(run, one.title)}: ${one.why}`, width),
  );
  const done = Object.values(rollback.items).filter(
    (one) => !['waiting', 'running', 'verifying', 'failed', 'unknown'].includes(one.status),
  );
  const typing =
    scene.view.typing === scene.shown?.number && scene.shown !== undefined ? ' · typing · Ctrl-G ends' : '';
  return {
    title: `Rollback · ${scopeName(run, rollback.plan)}`,
    tone: 'danger',
    size: 'wide',
    note: `${done.length}/${items.length} · ${statusWord(run, rollback)}`,
    head: [...firstFailure(scene, rollback, width), ...outcome(rollback)],
    rows: [...rows, ...(remaining.length > 0 ? [[], ...remaining] : [])],
    selected: at,
    about,
    last: Math.max(0, items.length - 1),
    // What a person does prints nothing.
    ...(scene.shown === undefined || manualText(items[at]) !== undefined
      ? {}
      : { output: `${scene.shown.title}${typing}` }),
  };
}

function manualText(item: RollbackItem | undefined): string | undefined {
  return item?.work.kind === 'plan' && item.work.step.action.kind === 'manual' ? item.work.step.action.text : undefined;
}

/** What a person has to do for the undo that is selected. */
function byHand(scene: Scene, item: RollbackItem | undefined, width: number): readonly Row[] {
  const text = manualText(item);
  return text === undefined ? [] : markdownRows(expandFor(scene.run, text), width);
}

function planItem(scene: Scene, item: RollbackItem, index: number, width: number): readonly Row[] {
  const outlook = scene.live.outlook?.find((one) => one.itemId === item.id);
  const [glyph, style, words] = outlookText(outlook);
  const number = `${index + 1}`.padStart(2);
  const command = commandOf(scene, item)
    .flatMap((line) => wrapText(line, width - 5))
    .map((line): Row => ['     ', span(line, styles.code)]);
  const note = words === '' ? [] : hanging(glyph, style, words, width - 5).map((row): Row => ['     ', ...row]);
  const cautions = undoCautions(scene.run, item)
    .flatMap((text) => hanging(marks.warning, styles.wary, expandFor(scene.run, text), width - 5))
    .map((row): Row => ['     ', ...row]);
  return [
    [`${number}  `, span(expandFor(scene.run, item.title), styles.strong), span(undoes(scene.run, item), styles.quiet)],
    ...command,
    ...cautions,
    ...note,
  ];
}

function undoes(run: Run, item: RollbackItem): string {
  return item.work.kind === 'plan'
    ? `   plan of ${phaseById(run, item.phaseId).title}`
    : `   undoes ${item.work.stepId}`;
}

function commandOf(scene: Scene, item: RollbackItem): readonly string[] {
  const { work } = item;
  switch (work.kind) {
    case 'undo':
      return firstLines(`$ ${work.script.trim()}`);
    case 'restore':
      return [`puts the file back as it was before ${stepById(scene.run, work.stepId).title}`];
    case 'plan': {
      const { action } = work.step;
      switch (action.kind) {
        case 'run':
        case 'interactive':
        case 'service':
          return firstLines(`$ ${action.script.trim()}`);
        case 'manual':
          // Whoever does it reads all of it before.
          return `by hand: ${action.text.trim()}`.split('\n');
        case 'edit':
          return [`edits ${expandFor(scene.run, action.edit.file)}`];
        case 'check':
        case 'watch':
          return ['checks that it holds'];
        default:
          return action satisfies never;
      }
    }
    default:
      return work satisfies never;
  }
}

function firstLines(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.length <= 4 ? lines : [...lines.slice(0, 3), `… ${lines.length - 3} more lines`];
}

function outlookText(outlook: UndoOutlook | undefined): readonly [string, Style, string] {
  if (outlook === undefined) return [marks.asking, styles.quiet, 'asking whether it can still work'];
  switch (outlook.kind) {
    case 'asking':
      return [marks.asking, styles.quiet, 'asking whether it can still work'];
    case 'can work':
      return [marks.yes, styles.good, `can still work${outlook.found === '' ? '' : `: ${outlook.found}`}`];
    case "can't work":
      return [marks.no, styles.bad, `can't work now: ${outlook.found}`];
    case 'not asked':
      return ['', {}, ''];
    default:
      return outlook satisfies never;
  }
}

/** A step's own undo is named as one: the step itself is not what failed. */
function deskTitle(run: Run, item: RollbackItem): string {
  return `${item.work.kind === 'plan' ? '' : 'Undo: '}${expandFor(run, item.title)}`;
}

function undoRow(scene: Scene, rollback: Rollback, item: RollbackItem): Row {
  const state = rollback.items[item.id] ?? { status: 'waiting' };
  const look = undoLook(state.status);
  const attempt = 'attempt' in state && state.attempt !== undefined ? scene.run.attempts[state.attempt - 1] : undefined;
  const end = 'at' in state ? state.at : scene.knownAt;
  const time = attempt === undefined ? '' : `  ${durationText(Math.max(0, end - attempt.startedAt))}`;
  return [span(look.glyph, look.style), ` ${deskTitle(scene.run, item)}  `, span(`${look.word}${time}`, look.style)];
}

function undoFailure(scene: Scene, state: UndoState, width: number): readonly Row[] {
  switch (state.status) {
    case 'verifying': {
      const names = awaitedBy(scene, state.attempt);
      return names === undefined
        ? []
        : hanging(marks.warning, styles.wary, `Its verify waits for ${names}. ⏎ asks for it.`, width);
    }
    case 'failed':
      return state.reasons.flatMap((reason) => hanging('✖', styles.bad, reasonText(reason), width));
    case 'unknown':
      return hanging('?', styles.wary, `Nobody knows how it ended: ${state.why}`, width);
    case 'not needed':
      return hanging('✔', styles.quiet, state.why, width);
    case 'marked done':
    case 'skipped':
      return hanging('-', styles.wary, `${state.status} by ${state.by}: ${state.note}`, width);
    default:
      return [];
  }
}

function firstFailure(scene: Scene, rollback: Rollback, width: number): readonly Row[] {
  const { firstFailure: first } = rollback;
  if (first === undefined) return [];
  const item = rollback.plan.items.find((one) => one.id === first.itemId);
  const why = first.reasons.map(reasonText).join(' · ');
  return [
    ...hanging(
      '✖',
      styles.bad,
      `First failure: ${item === undefined ? first.itemId : deskTitle(scene.run, item)}: ${why}`,
      width,
    ),
    [],
  ];
}

function outcome(rollback: Rollback): readonly Row[] {
  const { ending } = rollback;
  if (ending === undefined) {
    return rollback.paused ? [[span('It was interrupted, and goes on when you say so.', styles.wary)], []] : [];
  }
  switch (ending.kind) {
    case 'rolled back':
      return [[span('✔ Rolled back: every undo is done and verified.', styles.good)], []];
    case 'partly rolled back':
      return [[span('⚠ Partly rolled back: see what was skipped, marked by hand, or stays.', styles.wary)], []];
    case 'given up':
      return [[span(`⚠ Given up by ${ending.by}: ${ending.note}`, styles.wary)], []];
    default:
      return ending satisfies never;
  }
}

function statusWord(run: Run, rollback: Rollback): string {
  if (rollback.ending !== undefined) return rollback.ending.kind;
  if (rollback.paused) return 'interrupted';
  const stuck = Object.values(rollback.items).some((one) => one.status === 'failed' || one.status === 'unknown');
  const isByHand = runningAttempts(run).some(({ purpose }) => {
    if (purpose.kind !== 'undo') return false;
    return manualText(rollback.plan.items.find(({ id }) => id === purpose.itemId)) !== undefined;
  });
  return stuck || isByHand ? 'waits for you' : 'going on';
}

function scopeName(run: Run, plan: RollbackPlan): string {
  switch (plan.scope.kind) {
    case 'run':
      return 'the whole run';
    case 'phase':
      return expandFor(run, phaseById(run, plan.scope.phaseId).title);
    case 'step':
      return expandFor(run, stepById(run, plan.scope.stepId).title);
    default:
      return plan.scope satisfies never;
  }
}
