import type { OtherHolder } from '../engine/api.ts';
import type { LogStart } from '../live/log-line.ts';
import type { LogSettings } from '../live/log-status.ts';
import type { ConfirmationReason, RollbackPlan, RollbackScope, UndoChoice, UnknownChoice } from '../run/event.ts';
import type { Answer, Intent, Question } from '../run/intent.ts';
import type { PaneId } from './layout.ts';
import { editField, type FieldEdit, fieldWith, type TextField } from './text-field.ts';

/** What a text is asked for. */
export type FieldPurpose =
  | { readonly kind: 'note'; readonly stepId?: string; readonly phaseId?: string }
  | { readonly kind: 'skip'; readonly stepId: string }
  | { readonly kind: 'variable'; readonly name: string; readonly secret: boolean }
  | { readonly kind: 'unknown'; readonly stepId: string; readonly choice: UnknownChoice }
  | { readonly kind: 'undo'; readonly itemId: string; readonly choice: UndoChoice }
  /** Why an unknown step is undone, before its plan is carried out. */
  | { readonly kind: 'undo step'; readonly plan: RollbackPlan }
  | { readonly kind: 'give up' }
  /** Which lines of the logs are shown. */
  | { readonly kind: 'log filter' };

/** What a yes sets off. */
export type YesNo =
  | { readonly kind: 'stop step'; readonly stepId: string }
  | { readonly kind: 'stop undo'; readonly itemId: string }
  | { readonly kind: 'gate'; readonly phaseId: string }
  | { readonly kind: 'leave' }
  /** `from` is who is asked about: another one may hold the run by the time of the answer. */
  | { readonly kind: 'take over'; readonly from: OtherHolder };

/** Something that lies over the panes and takes the keys. */
export type Overlay =
  | { readonly kind: 'help' }
  | { readonly kind: 'info' }
  | { readonly kind: 'away' }
  | { readonly kind: 'definition' }
  | { readonly kind: 'checklist' }
  | { readonly kind: 'variables' }
  | { readonly kind: 'log sources' }
  | { readonly kind: 'log start' }
  | { readonly kind: 'field'; readonly purpose: FieldPurpose }
  | { readonly kind: 'yes or no'; readonly about: YesNo }
  /** The intent is sent again when each question is answered. */
  | {
      readonly kind: 'questions';
      readonly intent: Intent;
      readonly questions: readonly Question[];
      readonly answers: readonly Answer[];
    }
  /** `narrow` is what Tab comes back to from the whole run. */
  | { readonly kind: 'rollback plan'; readonly scope: RollbackScope; readonly narrow: RollbackScope }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'unknown'; readonly stepId: string };

/** An overlay with what all of them have. */
export type OverlayFrame = {
  readonly overlay: Overlay;
  /** The burst of input that opened it; keys of the same burst confirm nothing. */
  readonly burst: number;
  /** First row shown where it scrolls, selected row where it selects; -1 in a rollback: the undo that matters now. */
  readonly at: number;
  /** How far what is said of a row is scrolled; absent: not at all. */
  readonly about?: { readonly row: number; readonly at: number };
  readonly field: TextField;
  /** What was accepted is being recorded: until it is, or was refused, neither is changed. */
  readonly isSent?: boolean;
};

/** What stands in the message line. */
export type Message = { readonly text: string; readonly tone: 'plain' | 'refused' | 'good' };

/** What is selected: what needs the operator most, or what they chose. */
export type Selection =
  | { readonly kind: 'follow' }
  /** `rowId`: `step:<id>`, `item:<id>` or `gate:<phase id>`. */
  | { readonly kind: 'row'; readonly phaseId: string; readonly rowId: string };

/** What the containers are sorted by. */
export type ContainerSort = 'name' | 'cpu' | 'memory';

/** All that the screen remembers of itself; none of it is progress. */
export type ViewState = {
  readonly focus: PaneId;
  readonly zoom: boolean;
  readonly selection: Selection;
  /** Number of the attempt that is shown; absent: the latest. */
  readonly attempt?: number;
  /** First row of the details that is shown. */
  readonly detailAt: number;
  readonly containers: {
    /** Key of the selected one; absent: the first. */
    readonly selected?: string;
    readonly sort: ContainerSort;
  };
  readonly logs: LogSettings & {
    /** How far back the lines begin, as it was chosen; absent: as the definition says. */
    readonly start?: LogStart;
  };
  /** The last one is on top. */
  readonly overlays: readonly OverlayFrame[];
  /** Number of the attempt that gets the keyboard; absent: keys are keys. */
  readonly typing?: number;
  readonly message?: Message;
  /** The burst that last set something going, or came when an overlay opened or closed: no more of its keys do anything. */
  readonly ranIn: number;
  /** How often evidence was asked for again. */
  readonly looks: number;
  /** The burst that last changed the text of a field. */
  readonly editedIn: number;
};

export type ViewAction =
  | { readonly type: 'focus'; readonly pane: PaneId }
  | { readonly type: 'zoom'; readonly on: boolean }
  | { readonly type: 'select'; readonly phaseId: string; readonly rowId: string }
  | { readonly type: 'follow' }
  | { readonly type: 'attempt'; readonly number?: number }
  | { readonly type: 'detail at'; readonly at: number }
  | { readonly type: 'containers'; readonly selected?: string; readonly sort?: ContainerSort }
  | { readonly type: 'logs'; readonly change: Partial<ViewState['logs']> }
  | { readonly type: 'log filter'; readonly text: string }
  | { readonly type: 'open'; readonly overlay: Overlay; readonly burst: number; readonly text?: string }
  /** Puts another overlay in the place of the one on top. */
  | { readonly type: 'replace'; readonly overlay: Overlay; readonly burst: number; readonly text?: string }
  /** The one on top, or the one whose text was sent. */
  | { readonly type: 'close'; readonly which?: 'sent' }
  | { readonly type: 'close all' }
  /** What the others were about is gone. */
  | { readonly type: 'keep'; readonly overlays: readonly OverlayFrame[] }
  | { readonly type: 'at'; readonly at: number }
  | { readonly type: 'about at'; readonly row: number; readonly at: number }
  | { readonly type: 'edit'; readonly edit: FieldEdit }
  | { readonly type: 'sent' }
  | { readonly type: 'answered' }
  | { readonly type: 'typing'; readonly attempt: number }
  | { readonly type: 'typing ended' }
  | { readonly type: 'say'; readonly text: string; readonly tone: Message['tone'] }
  | { readonly type: 'hush' }
  | { readonly type: 'ran'; readonly burst: number }
  | { readonly type: 'look again' }
  | { readonly type: 'edited'; readonly burst: number };

/** The view before the first key. */
export const firstView: ViewState = {
  focus: 'steps',
  zoom: false,
  selection: { kind: 'follow' },
  detailAt: 0,
  containers: { sort: 'name' },
  logs: { hidden: [], stamps: false, wrap: false },
  overlays: [],
  ranIn: -1,
  looks: 0,
  editedIn: -1,
};

/** The view after an action. Pure. */
export function reduceView(view: ViewState, action: ViewAction): ViewState {
  switch (action.type) {
    case 'focus':
      return { ...view, focus: action.pane };
    case 'zoom':
      return { ...view, zoom: action.on };
    case 'select':
      return withAttempt({ ...view, selection: { kind: 'row', phaseId: action.phaseId, rowId: action.rowId } });
    case 'follow':
      return withAttempt({ ...view, selection: { kind: 'follow' } });
    case 'attempt':
      return withAttempt(view, action.number);
    case 'detail at':
      return { ...view, detailAt: Math.max(0, action.at) };
    case 'containers': {
      const { type: _, ...change } = action;
      return { ...view, containers: { ...view.containers, ...change } };
    }
    case 'logs':
      return { ...view, logs: { ...view.logs, ...action.change } };
    case 'log filter': {
      const { filter: _, ...logs } = view.logs;
      return { ...view, logs: action.text === '' ? logs : { ...logs, filter: action.text } };
    }
    case 'open':
      return { ...view, overlays: [...view.overlays, framed(action)] };
    case 'replace':
      return { ...view, overlays: [...view.overlays.slice(0, -1), framed(action)] };
    case 'close':
      return {
        ...view,
        overlays: action.which === 'sent' ? view.overlays.filter((one) => !one.isSent) : view.overlays.slice(0, -1),
      };
    case 'close all':
      return { ...view, overlays: [] };
    case 'keep':
      return { ...view, overlays: action.overlays };
    case 'at':
      return withTop(view, (top) => ({ ...top, at: Math.max(0, action.at) }));
    case 'about at':
      return withTop(view, (top) => ({ ...top, about: { row: action.row, at: Math.max(0, action.at) } }));
    case 'edit':
      return withTop(view, (top) => (top.isSent ? top : { ...top, field: editField(top.field, action.edit) }));
    case 'sent':
      return withTop(view, (top) => ({ ...top, isSent: true }));
    case 'answered':
      return { ...view, overlays: view.overlays.map((frame) => ({ ...frame, isSent: false })) };
    case 'typing':
      return { ...view, typing: action.attempt, focus: 'output' };
    case 'typing ended':
      return withoutTyping(view);
    case 'say':
      return { ...view, message: { text: action.text, tone: action.tone } };
    case 'hush':
      return withoutMessage(view);
    case 'ran':
      return { ...view, ranIn: action.burst };
    case 'look again':
      return { ...view, looks: view.looks + 1 };
    case 'edited':
      return { ...view, editedIn: action.burst };
    default:
      return action satisfies never;
  }
}

/** The overlay on top; undefined: the panes have the keys. */
export function topOverlay(view: ViewState): OverlayFrame | undefined {
  return view.overlays.at(-1);
}

/** The question that is asked now, of several one after the other. */
export function openQuestion(overlay: Extract<Overlay, { kind: 'questions' }>): Question | undefined {
  return overlay.questions[0];
}

/** Confirmation reasons in words, for the title of a dialog. */
export const reasonTitles: Readonly<Record<ConfirmationReason, string>> = {
  confirm: 'Confirm',
  danger: 'Danger',
  irreversible: 'No way back',
  'out of order': 'Out of order',
  'other host': 'Another machine',
  gate: 'Gate',
  'still there': 'It may still be running',
};

function framed(action: { readonly overlay: Overlay; readonly burst: number; readonly text?: string }): OverlayFrame {
  const at = action.overlay.kind === 'rollback' ? -1 : 0;
  return { overlay: action.overlay, burst: action.burst, at, field: fieldWith(action.text ?? '') };
}

function withTop(view: ViewState, change: (top: OverlayFrame) => OverlayFrame): ViewState {
  const top = topOverlay(view);
  return top === undefined ? view : { ...view, overlays: [...view.overlays.slice(0, -1), change(top)] };
}

function withAttempt(view: ViewState, number?: number): ViewState {
  const { attempt: _, ...rest } = view;
  return { ...rest, detailAt: 0, ...(number === undefined ? {} : { attempt: number }) };
}

function withoutTyping(view: ViewState): ViewState {
  const { typing, ...rest } = view;
  return typing === undefined ? view : rest;
}

function withoutMessage(view: ViewState): ViewState {
  const { message, ...rest } = view;
  return message === undefined ? view : rest;
}
