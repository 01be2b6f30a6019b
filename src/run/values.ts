import { expand } from '../definition/expand.ts';
import { type Matches, matchesAtLeisure, wholePattern } from '../definition/pattern.ts';
import type { Runbook, Variable } from '../definition/runbook.ts';

/** Where values come from, the strongest first. */
export type ValueSources = {
  /** `--var NAME=VALUE`. */
  readonly flags: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `vars` of `runbook.yaml`. */
  readonly project: Readonly<Record<string, string>>;
};

export type ResolvedValues = {
  /** Without secrets. A variable that nobody gave a value is absent. */
  readonly values: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly origins: Readonly<Record<string, string>>;
  /** One sentence for each value that can't be. */
  readonly problems: readonly string[];
};

/** Gives each variable its value, in the order of their declaration: a default may name those before it. */
export function resolveValues(
  runbook: Runbook,
  sources: ValueSources,
  home: string,
  matches: Matches = matchesAtLeisure,
): ResolvedValues {
  const values: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  const origins: Record<string, string> = {};
  const problems: string[] = [];
  for (const variable of runbook.vars) {
    const found = findValue(variable, sources, values);
    if (!found) continue;
    const { value, origin } = found;
    const problem = variable.secret
      ? (secretFault(variable.name, value, origin) ?? secretMisfit(variable, value, matches))
      : valueProblem(variable, value, matches);
    if (problem !== undefined) {
      problems.push(`${problem} (from ${origin})`);
      continue;
    }
    origins[variable.name] = origin;
    if (variable.secret) secrets[variable.name] = value;
    else values[variable.name] = expandHome(variable, value, home);
  }
  problems.push(...Object.keys(secrets).flatMap((name) => writtenDown(name, secrets[name] ?? '', values) ?? []));
  const declared = new Set(runbook.vars.map((variable) => variable.name));
  const unknown = Object.keys(sources.flags).filter((name) => !declared.has(name));
  problems.push(
    ...unknown.map(
      (name) => `The runbook has no variable ${name}; it has ${[...declared].join(', ') || 'none'} (from --var)`,
    ),
  );
  return { values, secrets, origins, problems };
}

function findValue(
  variable: Variable,
  sources: ValueSources,
  before: Readonly<Record<string, string>>,
): { readonly value: string; readonly origin: string } | undefined {
  const { name } = variable;
  const flag = sources.flags[name];
  if (flag !== undefined) return { value: flag, origin: '--var' };
  const environment = sources.environment[name];
  if (environment !== undefined && environment !== '') return { value: environment, origin: 'environment' };
  const project = sources.project[name];
  if (project !== undefined && !variable.secret) return { value: project, origin: 'runbook.yaml' };
  if (variable.default === undefined) return undefined;
  const expanded = expand(variable.default, before);
  return { value: typeof expanded === 'string' ? expanded : variable.default, origin: 'default' };
}

/** Why a value can't be this variable's; undefined: it can. */
export function valueProblem(
  variable: Variable,
  value: string,
  matches: Matches = matchesAtLeisure,
): string | undefined {
  const { name, choices, pattern } = variable;
  if (value === '') return variable.optional ? undefined : `${name} needs a value`;
  if (choices && !choices.includes(value)) return `${name} is "${value}"; it is one of ${choices.join(', ')}`;
  if (pattern !== undefined) {
    const isMatch = matches(wholePattern(pattern), value);
    if (isMatch === undefined) return `it takes too long to see whether ${name} matches ${pattern}`;
    if (!isMatch) return `${name} is "${value}"; it has to match ${pattern}`;
  }
  if (variable.type === 'number' && !/^-?\d+(\.\d+)?$/.test(value)) return `${name} is "${value}"; it is a number`;
  return undefined;
}

/** Why a text can't be a secret; undefined: it can. White space around it, and its line breaks, do not make it longer. */
export function secretProblem(name: string, value: string): string | undefined {
  if (value.includes('\0')) return `${name} holds a NUL: no command could be given it`;
  const isShort = value.replaceAll(/[\r\n]/g, '').trim().length < 4;
  return isShort ? `${name} has fewer than 4 characters: it could not be masked` : undefined;
}

/** Why a secret is not what its variable wants, without a word of it; undefined: it is. */
export function secretMisfit(variable: Variable, value: string, matches?: Matches): string | undefined {
  if (valueProblem(variable, value, matches) === undefined) return undefined;
  const wanted = variable.pattern === undefined ? '' : `: it has to match ${variable.pattern}`;
  return `${variable.name} is not what the runbook wants it to be${wanted}`;
}

/** Everybody on this machine can read arguments, and a shell keeps them in its history. */
function secretFault(name: string, value: string, origin: string): string | undefined {
  if (origin !== '--var') return secretProblem(name, value);
  return `${name} is a secret, and an argument is seen by everybody here; put it into the environment, or type it on the screen`;
}

/** Why a secret can't stay one beside the values that are written down; undefined: it can. */
export function writtenDown(
  name: string,
  secret: string,
  values: Readonly<Record<string, string>>,
): string | undefined {
  const holder = Object.keys(values).find((one) => values[one]?.includes(secret));
  if (holder === undefined) return undefined;
  return `${name} is a secret, and its text stands in the value of ${holder}, which is written down; change one of the two`;
}

/** What a path that begins with `~` means; any other value as it is. */
export function expandHome(variable: Variable, value: string, home: string): string {
  if (variable.type !== 'directory' && variable.type !== 'file') return value;
  return value === '~' || value.startsWith('~/') ? `${home}${value.slice(1)}` : value;
}
