import type { Step } from '../../definition/runbook.ts';
import { awaitedNames } from '../../run/missing-for-proof.ts';
import { expandFor } from '../../run/plan.ts';
import { attemptByNumber, canUndo, isDone, isInBackground, phaseById, stateOf } from '../../run/select.ts';
import { estimateText, lengthText, reasonText, stateText } from '../../run/sentences.ts';
import type { Scene } from '../scene.ts';
import { type Row, type Style, span, wrapText } from '../spans.ts';
import { itemLook, marks, stepLook, styles } from '../theme.ts';
import { markdownRows } from '../widgets/markdown-rows.ts';

/** What is said of the selected row: all of it where there is no output, the outcome where there is. */
export function detailRows(scene: Scene, width: number): readonly Row[] {
  const { row } = scene;
  if (row === undefined) return [[span('This phase has no steps.', styles.quiet)]];
  switch (row.kind) {
    case 'step':
      return scene.shown === undefined ? wholeStep(scene, row.step, width) : outcome(scene, row.step, width);
    case 'item':
      return itemDetail(scene, row.item.id, width);
    case 'gate':
      return [
        ...wrapText(expandFor(scene.run, row.text), width).map((line): Row => [span(line, styles.strong)]),
        [],
        ['A gate: no step of the next phase runs before it is open. ', span('⏎', styles.key), ' opens it.'],
      ];
    default:
      return row satisfies never;
  }
}

/** Why a step did not succeed, and its command; a running step needs none of it. */
function outcome(scene: Scene, step: Step, width: number): readonly Row[] {
  const { run } = scene;
  const state = stateOf(run, step.id);
  if (['starting', 'running'].includes(state.status) || isInBackground(run, step)) return [];
  const shown = scene.shown;
  if (shown !== undefined && shown !== scene.attempts.at(-1)) return [];
  const notices = shown?.life.status === 'ended' ? shown.life.result.notices : [];
  return [...stateRows(scene, step, width), ...notices.flatMap((text) => hanging('⚠', styles.wary, text, width))];
}

function wholeStep(scene: Scene, step: Step, width: number): readonly Row[] {
  const { run } = scene;
  const about = step.about === undefined ? [] : [...markdownRows(expandFor(run, step.about), width), []];
  const manual = step.action.kind === 'manual' ? [...markdownRows(expandFor(run, step.action.text), width), []] : [];
  return [
    ...stateRows(scene, step, width),
    ...about,
    ...manual,
    ...work(scene, step, width),
    ...facts(scene, step, width),
  ];
}

function stateRows(scene: Scene, step: Step, width: number): readonly Row[] {
  const state = stateOf(scene.run, step.id);
  const look = stepLook(state.status);
  switch (state.status) {
    case 'pending':
      return state.noAnswer === undefined
        ? []
        : hanging(
            marks.warning,
            styles.wary,
            `Not begun, its unless has no answer: ${state.noAnswer}. ⏎ asks again.`,
            width,
          );
    case 'starting':
    case 'running':
      return [];
    case 'verifying': {
      const names = awaitedBy(scene, state.attempt);
      if (names === undefined) return hanging(look.glyph, look.style, look.word, width);
      return hanging(marks.warning, styles.wary, `It has ended, and its verify waits for ${names}. v: type it.`, width);
    }
    case 'failed':
    case 'timed out':
    case 'stopped': {
      const reasons = state.reasons.flatMap((reason) => hanging(look.glyph, look.style, reasonText(reason), width));
      return reasons.length > 0 ? reasons : hanging(look.glyph, look.style, look.word, width);
    }
    case 'unknown':
      return hanging(
        look.glyph,
        look.style,
        `Nobody knows how it ended: ${state.why}. ⏎ shows the evidence and the choices.`,
        width,
      );
    case 'succeeded':
      if (state.how === 'verified' && !isDone(state)) return [];
      return state.how === 'adopted' ? hanging(look.glyph, look.style, stateText(state), width) : [];
    case 'satisfied':
      return hanging(
        look.glyph,
        look.style,
        `Nothing had to be done: ${state.found === '' ? 'its `unless` held' : state.found}`,
        width,
      );
    case 'skipped':
      return hanging(look.glyph, look.style, `Skipped by ${state.by}: ${state.reason}`, width);
    default:
      return hanging(look.glyph, look.style, look.word, width);
  }
}

/** Names of what the verify of an attempt waits for. What another screen was given, nobody can tell here. */
export function awaitedBy({ run, engine, holding }: Scene, attempt: number): string | undefined {
  if (holding.kind !== 'writer') return undefined;
  return awaitedNames(run, attemptByNumber(run, attempt), { secretsHeld: engine.secretsHeld() });
}

/** What the step does: the edit's difference, or the command. */
function work(scene: Scene, step: Step, width: number): readonly Row[] {
  const lines = scene.engine.describeStep(step.id);
  const described = lines.flatMap((line, index) =>
    wrapText(line, width - 2).map(
      (part, wrapped): Row => [index === 0 && wrapped === 0 ? span('$ ', styles.quiet) : '  ', span(part, styles.code)],
    ),
  );
  const isCommand = ['run', 'interactive', 'service'].includes(step.action.kind);
  const shown = isCommand ? described : described.map((row) => row.slice(1));
  const diff = step.action.kind === 'edit' ? (scene.live.preview ?? []).map(diffRow) : [];
  return step.action.kind === 'manual' ? [] : [...shown, ...diff, []];
}

/** A line of a unified difference. */
export function diffRow(line: string): Row {
  if (line.startsWith('+')) return [span(line, styles.added)];
  if (line.startsWith('-')) return [span(line, styles.removed)];
  return [line];
}

function facts(scene: Scene, step: Step, width: number): readonly Row[] {
  const { run } = scene;
  const text = (value: string) => expandFor(run, value);
  const list: (readonly [string, string, Style])[] = [];
  if (step.irreversible !== undefined)
    list.push([marks.irreversible, `No way back: ${text(step.irreversible)}`, styles.wary]);
  if (step.danger) list.push([marks.warning, 'Dangerous: its name is typed before it runs.', styles.bad]);
  if (step.unless !== undefined)
    list.push([' ', `Not run if this holds: ${firstLine(step.unless.script)}`, styles.quiet]);
  if (step.verify !== undefined) list.push([' ', `Proved by: ${firstLine(step.verify)}`, styles.quiet]);
  const undo = canUndo(run, step.id);
  if (undo === 'undo') list.push([marks.undo, `Undo: ${step.undo?.about ?? firstLine(step.undo?.script ?? '')}`, {}]);
  if (undo === 'restore')
    list.push([marks.undo, 'Undo: puts the file back as it was, unless it was changed since.', {}]);
  if (undo === 'none' && !step.readonly) list.push([' ', 'It has no undo.', styles.quiet]);
  if (step.needs.length > 0) list.push([' ', `Needs: ${step.needs.join(', ')}`, styles.quiet]);
  const host = step.host ?? phaseById(run, scene.phase.id).host;
  const about = run.runbook.hosts.find((candidate) => candidate.id === host)?.about;
  const where = host === undefined ? [] : [`on ${about ?? host}`];
  const time = step.estimate === undefined ? [] : [`takes ${estimateText(step.estimate)}`];
  const deadline = step.timeoutMs === undefined ? [] : [`at most ${lengthText(step.timeoutMs)}`];
  const line = [...where, ...time, ...deadline].join(' · ');
  if (line !== '') list.push([' ', line, styles.quiet]);
  return list.flatMap(([glyph, value, style]) => hanging(glyph, style, value, width));
}

function firstLine(script: string): string {
  const [first = '', ...more] = script.trim().split('\n');
  return more.length > 0 ? `${first} …` : first;
}

function itemDetail(scene: Scene, itemId: string, width: number): readonly Row[] {
  const item = scene.phase.checklist.find((candidate) => candidate.id === itemId);
  if (item === undefined) return [];
  const state = scene.run.items[itemId] ?? { status: 'open' };
  const look = itemLook(state.status);
  const rows: Row[] = [...hanging(look.glyph, look.style, expandFor(scene.run, item.text), width), []];
  if (state.status === 'ticked')
    rows.push([`Ticked by ${state.by}${state.how === 'command' ? ', by its command' : ''}.`], []);
  if (state.status === 'open' && state.notMet !== undefined) {
    rows.push(...hanging('✖', styles.wary, `It does not hold: ${state.notMet}`, width), []);
  }
  if (item.run === undefined) return [...rows, [span('space', styles.key), ' ticks it.']];
  const command = wrapText(item.run.trim(), width - 2).map(
    (line, index): Row => [index === 0 ? '$ ' : '  ', span(line, styles.code)],
  );
  return [...rows, ['It ticks itself when this holds; ', span('space', styles.key), ' asks it:'], ...command];
}

/** Text behind a mark, its further lines below its first. */
export function hanging(glyph: string, style: Style, text: string, width: number): readonly Row[] {
  return wrapText(text.trim(), width - 2).map(
    (line, index): Row => [
      index === 0 ? span(`${glyph} `, style) : '  ',
      span(line, style.color === undefined ? style : {}),
    ],
  );
}
