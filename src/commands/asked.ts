import type { Question } from '../run/intent.ts';
import { exitStatus, type Outcome } from './outcome.ts';

/** What a question ends it with that nobody is there to answer. */
export function asked(questions: readonly Question[]): Outcome {
  const [first] = questions;
  if (first?.kind === 'variable') {
    const how = first.secret ? `Put it into the environment: ${first.name}=…` : `Give it one: --var ${first.name}=…`;
    return { status: exitStatus.usage, why: `${first.name} has no value. ${how}` };
  }
  // What may still be running is never accepted by a flag.
  const person = questions.find(wantsPerson);
  if (person?.kind === 'confirm')
    return { ...waiting(`${person.text} Answer it on the screen: runbook`), details: person.details.map(indented) };
  return waiting(`${first?.text ?? ''} Answer it on the screen (runbook), or accept everything with --yes.`);
}

/** Whether no flag can answer it. */
export function wantsPerson(question: Question): boolean {
  return question.kind === 'confirm' && question.reason === 'still there';
}

function indented(line: string): string {
  return `  ${line}`;
}

/** What only a person can go on with. */
export function waiting(why: string): Outcome {
  return { status: exitStatus.waiting, why };
}
