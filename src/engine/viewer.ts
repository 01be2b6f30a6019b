import type { RunEvent } from '../run/event.ts';
import { attemptFolderName, attemptName, encodedSecretsOf } from '../run/plan.ts';
import { planRollback } from '../run/rollback.ts';
import { attemptByNumber, stepById } from '../run/select.ts';
import { clockText } from '../run/sentences.ts';
import type { Run } from '../run/state.ts';
import type { EngineApi, Holding, OtherHolder, Reply } from './api.ts';
import { describeStep } from './describe.ts';
import { keepSecrets } from './kept-secrets.ts';
import { askEvidence, type EvidenceParts } from './unknown-evidence.ts';

/** One object for ever: screens compare it to see whether anything changed. */
const NOTHING: readonly string[] = [];

/** How often a viewer looks for new events. */
const LOOK_MS = 300;

export type ViewerParts = EvidenceParts & {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  readonly holding: Holding;
  readonly hostsHere: readonly string[];
  /** Secrets this screen was started with. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Reads what is new; undefined: nothing. */
  readonly look: () => Promise<
    { readonly run: Run; readonly events: readonly RunEvent[]; readonly holding: Holding } | undefined
  >;
  readonly takeOver: (from: OtherHolder) => Promise<Reply>;
};

/** A live, read-only engine: it follows the journal that somebody else writes. */
export function createViewer(parts: ViewerParts): EngineApi {
  let { run, events, holding } = parts;
  const listeners = new Set<() => void>();
  const secrets = keepSecrets(parts.secrets, () => encodedSecretsOf(run.runbook).encodedSecrets ?? []);
  const asking = new AbortController();
  let closed = false;
  let cancel = () => {};
  let trouble: string | undefined;

  const look = async () => {
    const before = trouble;
    const news = await parts.look().then(
      (found) => {
        trouble = undefined;
        return found;
      },
      (error: unknown) => {
        const since = clockText(parts.clock.now());
        const why = error instanceof Error ? error.message : String(error);
        trouble ??= `The run can't be read since ${since} (${why}): what stands here is from before.`;
        return undefined;
      },
    );
    if (closed) return;
    if (news) ({ run, events, holding } = news);
    if (news || trouble !== before) for (const listener of listeners) listener();
    cancel = parts.clock.after(LOOK_MS, () => void look());
  };
  cancel = parts.clock.after(LOOK_MS, () => void look());

  const why = () => whyReadOnly(holding);
  const refuse = (): Reply => ({ kind: 'refused', why: why() });
  const folderOf = (number: number) => {
    const { purpose } = attemptByNumber(run, number);
    return `${parts.place.runDir}/${attemptFolderName(number, attemptName(purpose))}`;
  };
  const refuseLater = () => Promise.resolve(refuse());
  return {
    run: () => run,
    events: () => events,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send: refuseLater,
    refusal: why,
    holding: () => holding,
    takeOver: parts.takeOver,
    trouble: () => trouble,
    whileAway: () => NOTHING,
    definitionChange: () => undefined,
    answerDefinitionChange: refuseLater,
    setSecret: refuse,
    secretsHeld: () => [],
    maskedLine: secrets.maskLine,
    originOf: (variable) => (events[0]?.type === 'RunStarted' ? (events[0].origins[variable] ?? 'none') : 'none'),
    hostsHere: () => parts.hostsHere,
    attemptFolder: folderOf,
    describeStep: (stepId) => describeStep(run, parts.place, stepById(run, stepId)),
    previewEdit: () => Promise.resolve([]),
    input: () => {},
    resize: () => {},
    stream: () => () => {},
    rollbackPlan: (scope) => planRollback(run, scope),
    askOutlook: (plan, receive) => {
      receive(plan.items.map((item) => ({ itemId: item.id, kind: 'not asked' })));
      return () => {};
    },
    askEvidence: (attempt, receive) =>
      askEvidence({
        run,
        parts,
        secrets: secrets.values(),
        attempt,
        folder: folderOf(attempt),
        receive,
        signal: asking.signal,
      }),
    idle: () => Promise.resolve(),
    close: () => {
      closed = true;
      asking.abort();
      cancel();
      return Promise.resolve();
    },
  };
}

function whyReadOnly(holding: Holding): string {
  switch (holding.kind) {
    case 'viewer':
      if (holding.where === 'unreadable')
        return 'Read-only: the lock of this run can’t be read, so nobody can tell who writes it. T on its screen takes it over.';
      return `Read-only: ${holding.holder} writes this run, since ${new Date(holding.since).toTimeString().slice(0, 5)} from ${holding.host}. Leave it there, or T on its screen takes it over.`;
    case 'damaged':
    case 'unwritable':
      return `Read-only: ${holding.problem}`;
    case 'writer':
      return 'Read-only.';
    default:
      return holding satisfies never;
  }
}
