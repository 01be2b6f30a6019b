import type { AttemptResult } from '../runner/spec.ts';

/** What can be seen now of a process that was written down. */
export type ProcessSighting =
  /** It, or others of its group; `answers`: whether it says on its socket who it is, where it has one. */
  | { readonly kind: 'there'; readonly pids: readonly number[]; readonly answers?: boolean }
  /** Proven: it ended, or its number belongs to another process now, or the machine was restarted since. */
  | { readonly kind: 'gone'; readonly why: 'ended' | 'number reused' | 'machine restarted' }
  /** What the attempt does, its runner does itself. */
  | { readonly kind: 'none' }
  | { readonly kind: 'not known'; readonly why: string };

/** What an attempt's files say of its end. */
export type RecordSighting =
  | { readonly kind: 'written'; readonly result: AttemptResult }
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly why: string }
  /** The whole folder is gone. */
  | { readonly kind: 'folder gone' };

/** What can be seen of an attempt without changing anything. */
export type AttemptSighting = {
  readonly runner: ProcessSighting;
  readonly command: ProcessSighting;
  readonly record: RecordSighting;
};

/** Whether nothing of the attempt can still go on. */
export function isProvenGone({ runner, command }: Pick<AttemptSighting, 'runner' | 'command'>): boolean {
  return runner.kind === 'gone' && (command.kind === 'gone' || command.kind === 'none');
}

/** A question whose answer may still be on its way. */
export type Asked =
  | { readonly kind: 'asking' }
  | { readonly kind: 'answered'; readonly held: boolean; readonly found: string }
  /** Given up after its time, or the way to whoever knows was lost: whether it holds is not known. */
  | { readonly kind: 'no answer'; readonly why: string }
  /** It can't be asked now, and why. */
  | { readonly kind: 'not asked'; readonly why: string };

/** What is found out about an attempt that nobody knows the end of; what is absent is still being looked for. */
export type UnknownEvidence = {
  readonly attempt: number;
  /** When it was last looked at. */
  readonly at?: number;
  readonly seen?: AttemptSighting;
  readonly lastLines?: readonly string[];
  /** Absent: there is nothing to ask. */
  readonly verify?: Asked;
  readonly unless?: Asked;
  /** After so long a question is given up. */
  readonly patienceMs: number;
};

/** Whether nothing of it is still on its way. */
export function isComplete({ seen, lastLines, verify, unless }: UnknownEvidence): boolean {
  return seen !== undefined && lastLines !== undefined && verify?.kind !== 'asking' && unless?.kind !== 'asking';
}
