import { type AttemptSighting, isProvenGone } from '../run/attempt-sighting.ts';
import type { RunEventBody } from '../run/event.ts';
import { commandText } from '../run/evidence-text.ts';
import type { Intent, Question } from '../run/intent.ts';
import { attemptsInDoubt, stepIdOfAttempt } from '../run/select.ts';
import type { Attempt, Run } from '../run/state.ts';
import type { Runners } from './ports.ts';

/** What was seen of the attempts that may still be running. */
export type Seen = readonly { readonly attempt: Attempt; readonly sighting: AttemptSighting }[];

/** Whether an intent begins something beside which an earlier attempt must not run unnoticed. */
export function beginsSomething(intent: Intent): boolean {
  switch (intent.type) {
    case 'run step':
    case 'run on':
    case 'start rollback':
    case 'retry undo':
    case 'resolve undo':
    case 'resume rollback':
    // The next run begins beside what this one leaves.
    case 'close run':
      return true;
    case 'resolve unknown':
      return intent.choice === 'run again';
    default:
      return false;
  }
}

/** Looks at every attempt of a run that may still be running; what can't be looked at may be. */
export async function lookAtDoubtful(
  run: Run,
  runners: Pick<Runners, 'look'>,
  folder: (attempt: number) => string,
): Promise<Seen> {
  const seen = await Promise.all(
    attemptsInDoubt(run).map(async (attempt) => {
      const sighting = await runners.look(folder(attempt.number)).catch(() => undefined);
      return sighting === undefined ? [] : [{ attempt, sighting }];
    }),
  );
  return seen.flat();
}

/** What has to be journaled of it: those that are proven gone. */
export function proofsOf(seen: Seen): readonly RunEventBody[] {
  return seen
    .filter(({ sighting }) => isProvenGone(sighting))
    .map(({ attempt }) => ({ type: 'AttemptProvenGone', attempt: attempt.number }));
}

/** Questions about what may still be running, with what was seen of it just now. */
export function withSightings(run: Run, questions: readonly Question[], seen: Seen): readonly Question[] {
  return questions.map((question) => {
    if (question.kind === 'variable' || question.reason !== 'still there') return question;
    const { stepId } = question;
    const about = seen.filter(({ attempt }) => stepId === undefined || stepIdOfAttempt(run, attempt) === stepId);
    const lines = about.map(
      ({ attempt, sighting }) => `attempt ${attempt.number}: ${commandText(sighting.command).text}`,
    );
    return { ...question, details: [...lines, ...question.details] };
  });
}
