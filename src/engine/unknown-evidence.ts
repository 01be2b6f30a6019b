import type { Asked, AttemptSighting, UnknownEvidence } from '../run/attempt-sighting.ts';
import { encodedSecretsOf, type Place, planQuestion, subjectOf } from '../run/plan.ts';
import { verifyOf } from '../run/reduce-rollback.ts';
import { attemptByNumber } from '../run/select.ts';
import { lengthText } from '../run/sentences.ts';
import type { Run } from '../run/state.ts';
import type { Clock, OutputTails, Probes, Runners } from './ports.ts';

/** How many of an attempt's last lines are evidence. */
const LAST_LINES = 12;
/** How often its processes and files are looked at again. */
const LOOK_MS = 2_000;
/** How long its `verify` and its `unless` may take here: who waits wants to decide. */
const PATIENCE_MS = 20_000;

/** What evidence is gathered with; none of it changes anything. */
export type EvidenceParts = {
  readonly runners: Pick<Runners, 'look'>;
  readonly tails: OutputTails;
  readonly probes: Probes;
  readonly clock: Clock;
  readonly place: Place;
};

type Input = {
  readonly run: Run;
  readonly parts: EvidenceParts;
  /** Values of the secrets that are held, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly attempt: number;
  readonly folder: string;
  readonly receive: (evidence: UnknownEvidence) => void;
  /** Ends it, as what is returned does. */
  readonly signal: AbortSignal;
};

/**
 * Finds out what can be known now of an attempt that nobody knows the end of, and calls back with each piece as it comes.
 * Processes, files and output are looked at again and again, questions are asked once. Changes nothing.
 *
 * @returns how to end it; questions that are still open are taken back.
 */
export function askEvidence(input: Input): () => void {
  const { parts, folder, receive, attempt } = input;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, input.signal]);
  let cancel = () => {};
  signal.addEventListener('abort', () => cancel(), { once: true });
  const scripts = scriptsOf(input.run, attempt);
  let evidence: UnknownEvidence = {
    attempt,
    patienceMs: PATIENCE_MS,
    ...(scripts.verify === undefined ? {} : { verify: { kind: 'asking' } }),
    ...(scripts.unless === undefined ? {} : { unless: { kind: 'asking' } }),
  };
  const tell = (more: Partial<UnknownEvidence>) => {
    if (signal.aborted) return;
    evidence = { ...evidence, ...more };
    receive(evidence);
  };
  const look = async () => {
    const seen = parts.runners.look(folder).catch(unseen);
    const lines = parts.tails.lastLines(folder, LAST_LINES).catch((): readonly string[] => []);
    await Promise.all([
      seen.then((found) => tell({ seen: found, at: parts.clock.now() })),
      lines.then((lastLines) => tell({ lastLines })),
    ]);
    if (!signal.aborted) cancel = parts.clock.after(LOOK_MS, () => void look());
  };
  receive(evidence);
  void look();
  for (const purpose of ['verify', 'unless'] as const) {
    const script = scripts[purpose];
    if (script !== undefined)
      void ask(input, purpose, script, signal).then((answer) => tell({ [purpose]: answer } as const));
  }
  return () => stop.abort();
}

/** What is asked about an attempt: the step's own questions, or what proves the undo. */
function scriptsOf(run: Run, number: number): { readonly verify?: string; readonly unless?: string } {
  const { purpose } = attemptByNumber(run, number);
  const { step } = subjectOf(run, purpose);
  const verify = purpose.kind === 'step' ? step.verify : verifyOf(run, purpose.rollback, purpose.itemId);
  const unless = purpose.kind === 'step' ? step.unless?.script : undefined;
  return { ...(verify === undefined ? {} : { verify }), ...(unless === undefined ? {} : { unless }) };
}

async function ask(
  { run, parts, secrets, attempt }: Input,
  purpose: 'verify' | 'unless',
  script: string,
  signal: AbortSignal,
): Promise<Asked> {
  const declared = run.runbook.vars.filter((one) => one.secret);
  // Asked without it, it would give an answer that is not true.
  const missing = declared.filter((one) => !one.optional && secrets[one.name] === undefined).map((one) => one.name);
  if (missing.length > 0) return { kind: 'not asked', why: `${missing.join(', ')} is not held here` };
  // Its own time, and not that of the question: a question that is given up says of itself that it does not hold.
  const patience = new AbortController();
  const cancel = parts.clock.after(PATIENCE_MS, () => patience.abort());
  try {
    const { step, item } = subjectOf(run, attemptByNumber(run, attempt).purpose);
    const { held, found, lineLost } = await parts.probes.ask({
      purpose,
      ...planQuestion(run, parts.place, step, script, item),
      secrets: Object.fromEntries(declared.map(({ name }) => [name, secrets[name] ?? ''])),
      ...encodedSecretsOf(run.runbook),
      timeoutMs: 2 * PATIENCE_MS,
      signal: AbortSignal.any([signal, patience.signal]),
    });
    if (patience.signal.aborted) return { kind: 'no answer', why: `no answer within ${lengthText(PATIENCE_MS)}` };
    return lineLost ? { kind: 'no answer', why: found } : { kind: 'answered', held, found };
  } catch (error) {
    return { kind: 'not asked', why: messageOf(error) };
  } finally {
    cancel();
  }
}

function unseen(error: unknown): AttemptSighting {
  const why = messageOf(error);
  return { runner: { kind: 'not known', why }, command: { kind: 'not known', why }, record: { kind: 'damaged', why } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
