import type { ResolvedValues } from '../../run/values.ts';
import { usersOf } from './check-folders.ts';
import type { Finding } from './finding.ts';
import type { Scope } from './scope.ts';

/** Variables without a value, and values that can't be. */
export function variableFindings(scope: Scope, resolved: ResolvedValues): readonly Finding[] {
  const { vars } = scope.runbook;
  const has = ({ name }: { readonly name: string }) => name in resolved.values || name in resolved.secrets;
  const bad = new Set(resolved.problems.flatMap((text) => text.split(' ')[0] ?? []));
  const lacking = vars.filter((one) => !has(one) && !one.optional && !bad.has(one.name));
  const given = vars.filter(has).length;
  return [
    ...(given === 0 ? [] : [summary(given)]),
    ...resolved.problems.map((problem) => ({
      group: 'variables' as const,
      what: problem.startsWith('The runbook has no variable') ? '--var' : (problem.split(' ')[0] ?? ''),
      state: 'unusable' as const,
      isNeeded: true,
      found: problem,
      neededBy: usersOf(scope, problem.split(' ')[0] ?? '').here,
      mend: 'Correct the value.',
    })),
    ...lacking.map(({ name, secret, about }) => ({
      group: 'variables' as const,
      what: name,
      state: 'missing' as const,
      isNeeded: !secret,
      found: about === undefined ? 'has no value' : `has no value: ${about.trim()}`,
      neededBy: usersOf(scope, name).here,
      mend: secret
        ? `The screen asks for it; without a screen, export ${name} before you start.`
        : `Give it a value: --var ${name}=…, the environment, vars of runbook.yaml, or \`v\` on the screen.`,
    })),
  ];
}

function summary(given: number): Finding {
  const what = `${given} variable${given === 1 ? '' : 's'}`;
  return { group: 'variables', what, state: 'found', isNeeded: true, found: 'have a value', neededBy: [] };
}
