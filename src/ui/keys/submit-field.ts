import { type Effect, refuse, send, view } from '../effects.ts';
import type { FieldPurpose } from '../view-state.ts';

/** What accepting a text sets off; the field closes only where it was taken. */
export function submitField(purpose: FieldPurpose, text: string, burst: number): readonly Effect[] {
  const close = [view({ type: 'close', which: 'sent' })];
  const trimmed = text.trim();
  switch (purpose.kind) {
    case 'note': {
      if (trimmed === '') return [refuse('A note needs some text; Esc leaves without one.')];
      const { stepId, phaseId } = purpose;
      const about = { ...(stepId === undefined ? {} : { stepId }), ...(phaseId === undefined ? {} : { phaseId }) };
      return [{ type: 'send first', intent: { type: 'add note', text: trimmed, ...about }, next: close }];
    }
    case 'skip':
      if (trimmed === '') return [refuse('Skipping needs a reason.')];
      return [
        { type: 'send first', intent: { type: 'skip step', stepId: purpose.stepId, reason: trimmed }, next: close },
      ];
    case 'variable':
      return purpose.secret
        ? [{ type: 'set secret', name: purpose.name, value: text, next: [view({ type: 'close' })] }]
        : [{ type: 'send first', intent: { type: 'set variable', name: purpose.name, value: text }, next: close }];
    case 'unknown': {
      const { stepId, choice } = purpose;
      const closeAll = [view({ type: 'close all' })];
      return [
        { type: 'send first', intent: { type: 'resolve unknown', stepId, choice, note: trimmed }, next: closeAll },
      ];
    }
    case 'undo': {
      if (trimmed === '') return [refuse('It needs a word on why.')];
      const { itemId, choice } = purpose;
      if (choice === 'run again')
        return [{ type: 'send first', intent: { type: 'retry undo', itemId, note: trimmed }, next: close }];
      return [{ type: 'send first', intent: { type: 'resolve undo', itemId, choice, note: trimmed }, next: close }];
    }
    case 'undo step': {
      if (trimmed === '') return [refuse('It needs a word on why.')];
      return [send({ type: 'start rollback', plan: purpose.plan, accepted: 'person', note: trimmed })];
    }
    case 'give up':
      if (trimmed === '') return [refuse('Giving a rollback up needs a word on why.')];
      return [
        {
          type: 'send first',
          intent: { type: 'give up rollback', note: trimmed },
          next: [view({ type: 'replace', overlay: { kind: 'rollback' }, burst })],
        },
      ];
    case 'log filter':
      return [view({ type: 'log filter', text: trimmed }), view({ type: 'close' })];
    default:
      return purpose satisfies never;
  }
}
