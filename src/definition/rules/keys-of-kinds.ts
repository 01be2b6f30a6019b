import type { Problem } from '../problem.ts';
import type { StepKind } from '../runbook.ts';
import type { StepInput } from '../schema-step.ts';
import { error, type PlacedStep, type RuleContext } from './context.ts';

type Key = keyof StepInput;

/** Keys that mean something only with some kinds; all others go with every kind. */
const kindsOfKey: Partial<Record<Key, readonly StepKind[]>> = {
  terminal: ['run', 'service'],
  timeout: ['run', 'interactive'],
  retry: ['run', 'service'],
  expect: ['run'],
  capture: ['run'],
  within: ['check'],
  every: ['check'],
  ready: ['service'],
  verify: ['run', 'interactive', 'manual', 'edit', 'service'],
  undo: ['run', 'interactive', 'manual', 'service'],
  irreversible: ['run', 'interactive', 'manual', 'service'],
};

/** Why a kind does without a key, where the table alone would puzzle. */
const reasons: Partial<Record<Key, Partial<Record<StepKind, string>>>> = {
  undo: {
    edit: 'an edit restores its file by itself',
    check: 'a check changes nothing',
    watch: 'a watch changes nothing',
  },
  irreversible: {
    edit: 'an edit restores its file by itself',
    check: 'a check changes nothing',
    watch: 'a watch changes nothing',
  },
  verify: { check: 'a check is its own proof', watch: 'a watch is its own proof' },
  timeout: {
    check: 'a check ends with `within`',
    watch: 'a watch ends with `for`',
    service: 'a service has to be ready `within` its time: say so in `ready`',
  },
  retry: { check: 'a check asks again until `within` is over' },
};

/** Keys of a step that mean nothing in a rollback plan, and why. */
const notInRollback: Partial<Record<Key, string>> = {
  unless: 'what is taken back stands being taken back twice',
  undo: 'an undo is never undone',
  irreversible: 'an undo is never undone',
  readonly: 'a rollback is never rolled back',
  needs: 'a rollback runs in its own order',
  capture: 'no step comes after it',
  required: 'a rollback stops at what fails, and the operator decides',
  retry: 'a rollback stops at what fails, and the operator decides',
  confirm: 'the whole plan is confirmed before it starts',
  danger: 'the whole plan is confirmed before it starts; mark the phase',
};

/** No key is accepted and then ignored: what a kind of step can't use is an error. */
export function* keysOfKinds({ source, steps }: RuleContext): Iterable<Problem> {
  for (const placed of steps) {
    const { step, kind, list } = placed;
    if (kind === undefined) continue;
    for (const key of Object.keys(step) as Key[]) {
      const why = list === 'rollback' ? notInRollback[key] : undefined;
      const kinds = kindsOfKey[key];
      if (why !== undefined) {
        yield error('wrong-kind', `a rollback step can't have \`${key}\`: ${why}`, source.key(step, key));
      } else if (kinds !== undefined && !kinds.includes(kind)) {
        const reason = reasons[key]?.[kind] ?? `only ${kinds.map((one) => `\`${one}\``).join(', ')} can`;
        yield error('wrong-kind', `a \`${kind}\` step can't have \`${key}\`: ${reason}`, source.key(step, key));
      }
    }
    yield* idleSettings(placed, source);
  }
}

/** Settings of commands on a step that runs none. */
function* idleSettings({ step, kind }: PlacedStep, source: RuleContext['source']): Iterable<Problem> {
  if (runsCommand(step)) return;
  const keys = kind === 'edit' ? (['env', 'shell', 'before'] as const) : (['cwd', 'env', 'shell', 'before'] as const);
  for (const key of keys) {
    if (step[key] === undefined || step[key] === '') continue;
    yield error('wrong-kind', `this step runs no command, so its \`${key}\` would do nothing`, source.key(step, key));
  }
}

function runsCommand(step: StepInput): boolean {
  const probes = [step.check, step.watch?.check];
  if (probes.some((probe) => typeof probe === 'string' || probe?.run !== undefined)) return true;
  return [step.run, step.interactive, step.service, step.unless, step.verify, step.undo].some(
    (one) => one !== undefined,
  );
}
