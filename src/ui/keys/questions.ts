import type { Answer, Intent, Question } from '../../run/intent.ts';
import { type Effect, send, view } from '../effects.ts';
import type { Scene } from '../scene.ts';
import type { Overlay } from '../view-state.ts';

type Asked = Extract<Overlay, { kind: 'questions' }>;

/** Answers the question on top: the next one follows, after the last one the intent is sent again. */
export function answerQuestion(scene: Scene, overlay: Asked, said: string): readonly Effect[] {
  const question = overlay.questions[0];
  if (question === undefined) return [view({ type: 'close' })];
  if (question.kind === 'confirm') return goOn(scene, overlay, answerTo(question, said));
  const next = goOn(scene, overlay);
  return question.secret
    ? [{ type: 'set secret', name: question.name, value: said, next }]
    : [{ type: 'send first', intent: { type: 'set variable', name: question.name, value: said }, next }];
}

/** An intent with the answers it was sent back for. */
export function withAnswers(intent: Intent, answers: readonly Answer[]): Intent {
  switch (intent.type) {
    case 'run step':
    case 'run on':
    case 'resolve unknown':
    case 'retry undo':
      return { ...intent, answers: [...(intent.answers ?? []), ...answers] };
    case 'start rollback':
      return { ...intent, typed: [...(intent.typed ?? []), ...answers.map(({ said }) => said)] };
    case 'open gate':
      return { ...intent, said: answers.at(-1)?.said ?? intent.said };
    default:
      return intent;
  }
}

function goOn(scene: Scene, overlay: Asked, answer?: Answer): readonly Effect[] {
  const answers = answer === undefined ? overlay.answers : [...overlay.answers, answer];
  const questions = overlay.questions.slice(1);
  if (questions.length === 0) return [view({ type: 'close' }), send(withAnswers(overlay.intent, answers))];
  return [view({ type: 'replace', overlay: { ...overlay, questions, answers }, burst: scene.burst })];
}

function answerTo(question: Extract<Question, { kind: 'confirm' }>, said: string): Answer {
  return {
    reason: question.reason,
    phaseId: question.phaseId,
    said,
    ...(question.stepId === undefined ? {} : { stepId: question.stepId }),
  };
}
