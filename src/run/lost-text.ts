import type { AttemptEvidence } from './attempt-report.ts';

type Lost = Extract<AttemptEvidence, { kind: 'lost' }>;

const REUSED = 'its process number belongs to another process now';

/** Why nobody knows how an attempt ended, as one sentence without its full stop. */
export function lostText(evidence: Lost): string {
  return `${whyText(evidence)}, ${recordText(evidence)}; ${commandText(evidence)}`;
}

/** Whether nothing of it can still go on: a runner that is only silent may do anything. */
export function isOver({ why, command }: Lost): boolean {
  return command === 'gone' && (why === 'runner gone' || why === 'machine restarted');
}

function whyText({ why, seen }: Lost): string {
  switch (why) {
    case 'runner gone':
      return seen?.runner.kind === 'gone' && seen.runner.why === 'number reused' ? `runner gone (${REUSED})` : why;
    case 'machine restarted':
      return 'the machine was restarted since';
    case 'other host':
      return seen?.runner.kind === 'not known'
        ? `its runner can't be seen from here: ${seen.runner.why}`
        : 'it ran on another host';
    case 'runner does not answer':
      return why;
    case 'files gone':
      return seen?.record.kind === 'folder gone'
        ? 'the folder of its files is gone'
        : 'the file that says who ran it is gone';
    case 'files damaged':
      return "the file that says who ran it can't be read";
    default:
      return why satisfies never;
  }
}

function recordText({ seen }: Lost): string {
  return seen?.record.kind === 'damaged' ? "its result can't be read" : 'no result';
}

function commandText({ command, seen }: Lost): string {
  switch (command) {
    case 'running':
      return 'its command is still running';
    case 'gone':
      return `its command is gone${seen?.command.kind === 'gone' && seen.command.why === 'number reused' ? ` (${REUSED})` : ''}`;
    case 'unknown':
      return 'whether its command runs is not known';
    default:
      return command satisfies never;
  }
}
