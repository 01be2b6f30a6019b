import { builtInNames } from '../declared-names.ts';
import { namesIn } from '../expand.ts';
import { scalarText } from '../normalize.ts';
import { patternFault, wholePattern } from '../pattern.ts';
import type { Problem } from '../problem.ts';
import type { VariableInput } from '../schema.ts';
import { error, type RuleContext } from './context.ts';

/** Names that steer the shell, the loader or this program; a runbook that set them would break its own commands. */
const reserved = new Set<string>(
  [
    'PATH HOME SHELL USER LOGNAME PWD OLDPWD TERM TMPDIR IFS ENV BASH_ENV SHLVL UID EUID PPID PS4 SHELLOPTS BASHOPTS',
    'LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES DYLD_LIBRARY_PATH NODE_OPTIONS',
  ].flatMap((names) => names.split(' ')),
);

/** Variables and captures: names that are free, defaults that are allowed and no secret. */
export function* variables(context: RuleContext): Iterable<Problem> {
  const { input, source } = context;
  const vars = input.vars ?? {};
  const earlier = new Set<string>();
  for (const [name, variable] of Object.entries(vars)) {
    const fault = nameFault(name);
    if (fault !== undefined) yield error('wrong-value', fault, source.key(vars, name));
    yield* defaultNames({ context, name, variable, earlier });
    if (typeof variable === 'object') yield* oneVariable(name, variable, context);
    earlier.add(name);
  }
  yield* captures(context);
}

/** Why a variable can't have this name, in words; undefined where it can. */
export function nameFault(name: string): string | undefined {
  const isTaken = reserved.has(name) || name.startsWith('RUNBOOK_') || Object.hasOwn(Object.prototype, name);
  return isTaken ? `${name} is reserved; choose another name` : undefined;
}

function tooSlow(name: string): string {
  return `the \`pattern\` of ${name} takes far too long on its default; write it without a repetition inside a repetition`;
}

type Declared = { context: RuleContext; name: string; variable: VariableInput; earlier: ReadonlySet<string> };

/** A default may name variables that are declared above it. */
function* defaultNames({ context, name, variable, earlier }: Declared): Iterable<Problem> {
  const { source, known, input } = context;
  const [holder, key] = typeof variable === 'object' ? [variable, 'default'] : [input.vars ?? {}, name];
  const text = (holder as Record<string, unknown>)[key];
  if (typeof text !== 'string') return;
  for (const use of namesIn(text)) {
    const named = input.vars?.[use.name];
    if (use.name !== name && typeof named === 'object' && named.secret === true) {
      const message = `${use.name} is a secret, and a default is written down; put it together in the command that needs it`;
      yield error('wrong-value', message, source.within(holder, key, use));
      continue;
    }
    if (earlier.has(use.name) || builtInNames.some((one) => one === use.name)) continue;
    const why =
      use.name === name
        ? "a default can't name its own variable"
        : known.vars.has(use.name)
          ? `${use.name} is declared below; a default can name what stands above it`
          : `there is no variable ${use.name}`;
    yield error('unknown-name', why, source.within(holder, key, use));
  }
}

function* oneVariable(
  name: string,
  variable: VariableInput & object,
  { source, touched, matches }: RuleContext,
): Iterable<Problem> {
  const { secret, choices, pattern } = variable;
  if (secret === true) {
    for (const key of ['default', 'choices'] as const) {
      const message = `${name} is a secret, and its ${key} would stand in this file; take it from the environment`;
      if (variable[key] !== undefined) yield error('wrong-value', message, source.key(variable, key));
    }
  }
  if (variable.mask !== undefined && secret !== true) {
    const message = `${name} is no secret, and nothing of it is masked; add secret: true, or leave mask out`;
    yield error('wrong-value', message, source.key(variable, 'mask'));
  }
  if (variable.default === undefined) return;
  const value = scalarText(variable, 'default', source);
  const place = source.value(variable, 'default');
  const allowed = choices?.map((_choice, index) => scalarText(choices, index, source));
  if (allowed !== undefined && !touched.has(choices ?? {}) && !allowed.includes(value)) {
    yield error('wrong-value', `the default of ${name} is none of its choices: ${allowed.join(', ')}`, place);
  }
  if (namesIn(value).length > 0) return;
  if (pattern !== undefined && patternFault(pattern) === undefined) {
    const isMatch = matches(wholePattern(pattern), value);
    if (isMatch === false)
      yield error('wrong-value', `the default of ${name} does not match its own pattern ${pattern}`, place);
    if (isMatch === undefined) yield error('bad-pattern', tooSlow(name), source.value(variable, 'pattern'));
  }
  if (variable.type === 'number' && (value.trim() === '' || !Number.isFinite(Number(value)))) {
    yield error('wrong-value', `the default of ${name} is no number`, place);
  }
  if (variable.type === 'url' && !URL.canParse(value)) {
    yield error('wrong-value', `the default of ${name} is no address such as https://example.org`, place);
  }
}

function* captures({ source, steps, known }: RuleContext): Iterable<Problem> {
  const first = new Map<string, number>();
  for (const { step } of steps) {
    const name = step.capture;
    if (name === undefined) continue;
    const place = source.value(step, 'capture');
    const line = first.get(name);
    const fault = nameFault(name);
    if (fault !== undefined) yield error('wrong-value', fault, place);
    if (known.vars.has(name))
      yield error('duplicate-id', `${name} is a variable already; capture under another name`, place);
    else if (line !== undefined) yield error('duplicate-id', `${name} is captured on line ${line} already`, place);
    else first.set(name, place.position.line);
  }
}
