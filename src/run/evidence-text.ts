import type { Asked, ProcessSighting, RecordSighting, UnknownEvidence } from './attempt-sighting.ts';
import { clockText, endingText, lengthText } from './sentences.ts';

/** One thing that is known: what it is called, what was found, and whether that speaks for or against it. */
export type EvidenceRow = {
  readonly label: 'runner' | 'command' | 'record' | 'verify' | 'unless' | 'output';
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad' | 'wary' | 'quiet';
};

/** Evidence in words, in the order in which it is looked at; the last lines of output one by one. */
export function evidenceRows(evidence: UnknownEvidence): readonly EvidenceRow[] {
  const { seen, verify, unless, patienceMs } = evidence;
  const looking = { text: 'looking …', tone: 'quiet' } as const;
  return [
    { label: 'runner', ...(seen ? runnerText(seen.runner) : looking) },
    { label: 'command', ...(seen ? commandText(seen.command) : looking) },
    { label: 'record', ...(seen ? recordText(seen.record) : looking) },
    ...(verify ? [{ label: 'verify', ...askedText(verify, patienceMs) } as const] : []),
    ...(unless ? [{ label: 'unless', ...askedText(unless, patienceMs) } as const] : []),
    ...outputRows(evidence.lastLines),
  ];
}

/** What can be seen of a command, in a few words. */
export function commandText(command: ProcessSighting): Pick<EvidenceRow, 'text' | 'tone'> {
  switch (command.kind) {
    case 'there':
      return { text: `still running (${pidsText(command.pids)})`, tone: 'wary' };
    case 'gone':
      return { text: goneText(command.why), tone: 'plain' };
    case 'none':
      return { text: 'none: its runner does the work itself', tone: 'plain' };
    case 'not known':
      return { text: `may still be running: ${command.why}`, tone: 'wary' };
    default:
      return command satisfies never;
  }
}

function runnerText(runner: ProcessSighting): Pick<EvidenceRow, 'text' | 'tone'> {
  switch (runner.kind) {
    case 'there': {
      const how = runner.answers ? 'there, and answers: it is going on' : 'there, but does not answer';
      return { text: `${how} (${pidsText(runner.pids)})`, tone: 'wary' };
    }
    case 'gone':
      return { text: goneText(runner.why), tone: 'plain' };
    case 'none':
      return { text: 'none', tone: 'plain' };
    case 'not known':
      return { text: `not known: ${runner.why}`, tone: 'wary' };
    default:
      return runner satisfies never;
  }
}

function goneText(why: Extract<ProcessSighting, { kind: 'gone' }>['why']): string {
  switch (why) {
    case 'ended':
      return 'gone';
    case 'number reused':
      return 'gone (its process number belongs to another process now)';
    case 'machine restarted':
      return 'gone: the machine was restarted since';
    default:
      return why satisfies never;
  }
}

function pidsText(pids: readonly number[]): string {
  const more = pids.length > 3 ? ' …' : '';
  return `pid ${pids.slice(0, 3).join(', ')}${more}`;
}

function recordText(record: RecordSighting): Pick<EvidenceRow, 'text' | 'tone'> {
  switch (record.kind) {
    case 'written': {
      const { ending, endedAt, groupGone } = record.result;
      const left = groupGone ? '' : '; its processes could not be proven gone then';
      return { text: `${endingText(ending)}, at ${clockText(endedAt)}${left}`, tone: 'plain' };
    }
    case 'none':
      return { text: 'none: how it ended was never written down', tone: 'plain' };
    case 'damaged':
      return { text: record.why, tone: 'wary' };
    case 'folder gone':
      return { text: 'none: the folder of its files is gone', tone: 'wary' };
    default:
      return record satisfies never;
  }
}

function askedText(asked: Asked, patienceMs: number): Pick<EvidenceRow, 'text' | 'tone'> {
  switch (asked.kind) {
    case 'asking':
      return { text: `asking, for at most ${lengthText(patienceMs)} …`, tone: 'quiet' };
    case 'answered': {
      const found = asked.found.trim() === '' ? '' : `: ${asked.found}`;
      return asked.held ? { text: `✔ holds${found}`, tone: 'good' } : { text: `✖ does not hold${found}`, tone: 'bad' };
    }
    case 'no answer':
      return { text: `whether it holds is not known: ${asked.why}`, tone: 'wary' };
    case 'not asked':
      return { text: `not asked: ${asked.why}`, tone: 'wary' };
    default:
      return asked satisfies never;
  }
}

function outputRows(lines: readonly string[] | undefined): readonly EvidenceRow[] {
  const label = 'output' as const;
  if (lines === undefined) return [{ label, text: 'looking …', tone: 'quiet' }];
  if (lines.length === 0) return [{ label, text: 'none', tone: 'quiet' }];
  return lines.map((text) => ({ label, text, tone: 'plain' }));
}
