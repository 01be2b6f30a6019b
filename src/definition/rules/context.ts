import type { DeclaredNames } from '../declared-names.ts';
import type { Matches } from '../pattern.ts';
import type { Problem, ProblemCode } from '../problem.ts';
import type { StepKind } from '../runbook.ts';
import type { PhaseInput, RunbookInput } from '../schema.ts';
import { kindKeys, type StepInput } from '../schema-step.ts';
import type { Place, Source } from '../source.ts';

/** A step with where it belongs. `kind` is undefined unless the step has exactly one. */
export type PlacedStep = {
  readonly step: StepInput;
  readonly phase: PhaseInput;
  readonly list: 'steps' | 'rollback';
  readonly kind: StepKind | undefined;
};

/** What a rule looks at: input of the right shape, and what was taken out to get there. */
export type RuleContext = {
  readonly input: RunbookInput;
  readonly source: Source;
  /** Maps and lists that lack something only because it was wrong and is reported already. */
  readonly touched: ReadonlySet<object>;
  readonly known: DeclaredNames;
  readonly matches: Matches;
  /** All steps in order: of each phase first its steps, then its rollback plan. */
  readonly steps: readonly PlacedStep[];
};

/** One rule: says everything it has against a runbook. */
export type Rule = (context: RuleContext) => Iterable<Problem>;

/** A finding that keeps the file from being opened. */
export function error(code: ProblemCode, message: string, place: Place): Problem {
  return { code, severity: 'error', message, ...place };
}

/** A finding that only `check` tells. */
export function warning(code: ProblemCode, message: string, place: Place): Problem {
  return { code, severity: 'warning', message, ...place };
}

/** The kinds that a step has keys for; a valid one has one. */
export function kindsOf(step: StepInput): StepKind[] {
  return (Object.keys(step) as (keyof StepInput)[]).filter((key): key is StepKind => Object.hasOwn(kindKeys, key));
}

/** All steps of a file with where they belong. */
export function placedSteps(input: RunbookInput): PlacedStep[] {
  return input.phases.flatMap((phase) =>
    (['steps', 'rollback'] as const).flatMap((list) =>
      (phase[list] ?? []).map((step) => {
        const [kind, second] = kindsOf(step);
        return { step, phase, list, kind: second === undefined ? kind : undefined };
      }),
    ),
  );
}
