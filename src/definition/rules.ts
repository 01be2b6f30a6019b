import type { DeclaredNames } from './declared-names.ts';
import type { Matches } from './pattern.ts';
import type { Problem } from './problem.ts';
import { placedSteps, type Rule } from './rules/context.ts';
import { contradictions } from './rules/contradictions.ts';
import { ids } from './rules/ids.ts';
import { keysOfKinds } from './rules/keys-of-kinds.ts';
import { names } from './rules/names.ts';
import { notUsedYet } from './rules/not-used-yet.ts';
import { patterns } from './rules/patterns.ts';
import { probes } from './rules/probes.ts';
import { references } from './rules/references.ts';
import { stepKinds } from './rules/step-kinds.ts';
import { traps } from './rules/traps.ts';
import { variables } from './rules/variables.ts';
import { wayBack } from './rules/way-back.ts';
import type { RunbookInput } from './schema.ts';
import type { Source } from './source.ts';

const rules: readonly Rule[] = [
  ids,
  stepKinds,
  keysOfKinds,
  contradictions,
  probes,
  references,
  variables,
  names,
  patterns,
  traps,
  wayBack,
  notUsedYet,
];

/** More findings than this of one rule are not looked for; a file with so many has one cause for most of them. */
const mostOfOneRule = 500;

/** Everything that the rules have against input of the right shape; in the rules' order. */
export function checkRules(file: {
  input: RunbookInput;
  source: Source;
  touched: ReadonlySet<object>;
  known: DeclaredNames;
  matches: Matches;
}): Problem[] {
  const context = { ...file, steps: placedSteps(file.input) };
  const found = new Map<string, Problem>();
  for (const rule of rules) {
    let count = 0;
    for (const problem of rule(context)) {
      const { line, column } = problem.position;
      // One alias can bring the same finding several times to the place where it stands.
      found.set(`${line}:${column} ${problem.code} ${problem.message}`, problem);
      count++;
      if (count < mostOfOneRule) continue;
      const message = `there are more findings like the ${mostOfOneRule} before; they are not listed, mend these first`;
      found.set(message, { ...problem, message });
      break;
    }
  }
  return [...found.values()];
}
