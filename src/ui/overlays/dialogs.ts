import type { OtherHolder } from '../../engine/api.ts';
import type { Question } from '../../run/intent.ts';
import { expandFor } from '../../run/plan.ts';
import { phaseById, runningAttempts, stepById } from '../../run/select.ts';
import type { Scene } from '../scene.ts';
import { type Row, span, wrapText } from '../spans.ts';
import type { TextField } from '../text-field.ts';
import { styles } from '../theme.ts';
import { type FieldPurpose, type OverlayFrame, reasonTitles, type YesNo } from '../view-state.ts';
import { fieldRow } from '../widgets/field-row.ts';
import type { Sheet } from '../widgets/sheet.ts';

const dangers: readonly string[] = ['danger', 'irreversible', 'still there'];

/** A dialog that wants a text. */
export function fieldSheet(scene: Scene, frame: OverlayFrame, purpose: FieldPurpose, width: number): Sheet {
  const { title, text } = fieldTexts(scene, purpose);
  const masked = purpose.kind === 'variable' && purpose.secret;
  return {
    title,
    tone: 'plain',
    size: 'small',
    head: [],
    rows: [...paragraph(text, width), ...(text === '' ? [] : [[]]), fieldLine(frame.field, width, masked)],
  };
}

/** A dialog that wants yes or no. */
export function yesNoSheet(scene: Scene, about: YesNo, width: number): Sheet {
  const { title, text, details } = yesNoTexts(scene, about);
  const extra = details.flatMap((line) =>
    wrapText(line, width - 2).map((part, index): Row => [index === 0 ? '• ' : '  ', part]),
  );
  return {
    title,
    tone: 'plain',
    size: 'small',
    head: [],
    rows: [...paragraph(text, width), ...(extra.length > 0 ? [[], ...extra] : [])],
  };
}

/** A question of the engine: a yes, a name to type, or a value. */
export function questionSheet(
  asked: { readonly frame: OverlayFrame; readonly question: Question; readonly left: number },
  width: number,
): Sheet {
  const { frame, question, left } = asked;
  const more = left > 1 ? { note: `${left - 1} more to answer` } : {};
  if (question.kind === 'variable') {
    const about = question.about === '' ? [] : paragraph(question.about, width);
    const kept = question.secret
      ? [[span('Kept in memory only: not in the journal, not on the screen.', styles.quiet)], []]
      : [];
    return {
      title: `${question.name} is needed`,
      tone: 'plain',
      size: 'small',
      ...more,
      head: [],
      rows: [...about, ...(about.length > 0 ? [[]] : []), ...kept, fieldLine(frame.field, width, question.secret)],
    };
  }
  const details = question.details.flatMap((line) =>
    wrapText(line, width - 2).map((part, index): Row => [index === 0 ? '• ' : '  ', part]),
  );
  const typed = question.typed;
  const field: readonly Row[] =
    typed === undefined
      ? []
      : [[], ['Type ', span(typed, styles.strong), ' to go on:'], fieldLine(frame.field, width, false)];
  return {
    title: reasonTitles[question.reason],
    tone: dangers.includes(question.reason) ? 'danger' : 'plain',
    size: 'small',
    ...more,
    head: [],
    rows: [...paragraph(question.text, width), ...(details.length > 0 ? [[], ...details] : []), ...field],
  };
}

function fieldLine(field: TextField, width: number, masked: boolean): Row {
  return [span('> ', styles.focus), ...fieldRow(field, width - 2, masked)];
}

function paragraph(text: string, width: number): readonly Row[] {
  return text === '' ? [] : wrapText(text, width).map((line): Row => [line]);
}

function fieldTexts(scene: Scene, purpose: FieldPurpose): { readonly title: string; readonly text: string } {
  const titleOf = (stepId: string) => `“${expandFor(scene.run, stepById(scene.run, stepId).title)}”`;
  switch (purpose.kind) {
    case 'note':
      return { title: 'Note', text: purpose.stepId === undefined ? '' : `Beside ${titleOf(purpose.stepId)}` };
    case 'skip':
      return { title: 'Skip', text: `Why is ${titleOf(purpose.stepId)} skipped? The journal keeps the reason.` };
    case 'variable': {
      const about = scene.run.runbook.vars.find((one) => one.name === purpose.name)?.about ?? '';
      return { title: purpose.name, text: about };
    }
    case 'unknown':
      return {
        title: purpose.choice,
        text: `What did you find out about ${titleOf(purpose.stepId)}? The journal keeps it.`,
      };
    case 'undo':
      return purpose.choice === 'run again'
        ? { title: 'Run the undo again', text: 'What did you find out about it? The journal keeps it.' }
        : { title: purpose.choice, text: 'Why? The journal keeps it.' };
    case 'undo step':
      return { title: 'Undo it', text: 'What did you find out about the step? The journal keeps it.' };
    case 'give up':
      return {
        title: 'Give the rollback up',
        text: 'What is not undone stays, and the run is “partly rolled back”. Why? The journal keeps it.',
      };
    case 'log filter':
      return {
        title: 'Filter the logs',
        text: 'Only lines with this text, or that match this regular expression, are shown. Empty: all.',
      };
    default:
      return purpose satisfies never;
  }
}

function yesNoTexts(
  scene: Scene,
  about: YesNo,
): { readonly title: string; readonly text: string; readonly details: readonly string[] } {
  const { run } = scene;
  switch (about.kind) {
    case 'stop step':
      return {
        title: 'Stop',
        text: `Stop “${expandFor(run, stepById(run, about.stepId).title)}”?`,
        details: ['It is asked with SIGINT, then SIGTERM, then SIGKILL, until it is proven gone.'],
      };
    case 'stop undo':
      return { title: 'Stop', text: 'Stop the undo that runs?', details: ['The rollback waits there.'] };
    case 'gate': {
      const phase = phaseById(run, about.phaseId);
      const open = phase.checklist.filter((item) => run.items[item.id]?.status !== 'ticked');
      return {
        title: 'Gate',
        text: expandFor(run, phase.gate ?? ''),
        details: open.map((item) => `still open: ${expandFor(run, item.text)}`),
      };
    }
    case 'leave': {
      const running = runningAttempts(run).map((attempt) => `goes on running: ${expandFor(run, attempt.title)}`);
      const runOn = run.runOn === undefined ? [] : ['no new step begins without a screen'];
      return {
        title: 'Leave',
        text: 'Leave now? Nothing is stopped; opening again shows how it went.',
        details: [...running, ...runOn],
      };
    }
    case 'take over': {
      const { from } = about;
      if (scene.holding.kind === 'writer')
        return { title: 'Take over', text: 'This screen writes the run.', details: [] };
      const who = from.where === 'unreadable' ? 'whoever holds it' : `${from.holder} on ${from.host}`;
      return { title: 'Take over', text: `Take the run over from ${who}?`, details: takeOverDetails(from) };
    }
    default:
      return about satisfies never;
  }
}

/** What is known of the one that holds the run, and what taking it over does. */
function takeOverDetails(holding: OtherHolder): readonly string[] {
  const known = {
    alive: `Its process (pid ${holding.pid}) is there: it may work, be stopped, or hang; ask whoever holds it first.`,
    'other host': `It is not this machine (${holding.host}): whether it still works can’t be seen from here. Ask first.`,
    unreadable: 'Its lock is damaged: somebody may still write. Look for another runbook on this run first.',
  };
  return [
    holding.provenDead ? 'It is proven gone.' : known[holding.where ?? 'alive'],
    'That screen becomes read-only. What it started goes on, and is followed here; nothing is started twice.',
    'The journal keeps who took over from whom.',
  ];
}
