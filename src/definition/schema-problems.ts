import type { z } from 'zod';
import type { Problem, ProblemCode } from './problem.ts';
import type { Refusal } from './schema-parts.ts';
import { allowedKeys } from './schema-walk.ts';
import type { Place, Source } from './source.ts';
import { didYouMean } from './suggest.ts';

/** One finding of the shape check, as zod reports it. */
export type Issue = z.core.$ZodIssue;

/** More findings than this of one file are counted, not listed. */
const mostProblems = 500;

/** Turns what the shape check found into problems with places, words of ours, and suggestions. */
export function schemaProblems(
  issues: readonly Issue[],
  input: { schema: z.ZodType; value: unknown; source: Source },
): Problem[] {
  const problems: Problem[] = [];
  let unlisted = 0;
  for (const issue of issues.flatMap(flatten)) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    for (const key of keys) {
      if (problems.length >= mostProblems) unlisted++;
      else problems.push(key === undefined ? valueProblem(issue, input) : unknownKey(issue, key, input));
    }
  }
  if (unlisted > 0) {
    const message = `${unlisted} more problems of shape are not listed; mend these first`;
    problems.push({ code: 'wrong-value', severity: 'error', message, ...input.source.top });
  }
  return problems;
}

/**
 * A union's issue holds those of every branch. Branches differ by the type of value they take, so the one
 * that took the value's type says what is wrong with it; where none did, all of them together say what is allowed.
 */
export function flatten(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const fitting = issue.errors.filter(
    (branch) => !branch.some((one) => one.code === 'invalid_type' && one.path.length === 0),
  );
  const branch = fitting.find((one) => !one.every(isLiteralMismatch)) ?? fitting[0];
  if (branch === undefined) return [issue];
  return branch.flatMap((one) => flatten({ ...one, path: [...issue.path, ...one.path] } as Issue));
}

function isLiteralMismatch(issue: Issue): boolean {
  return issue.code === 'invalid_value' && issue.path.length === 0;
}

/** The value at a path; undefined where there is none. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** The map or list that holds the last key of a path, and that key. */
export function holderOf(
  root: unknown,
  path: readonly PropertyKey[],
): { holder: object; key: string | number } | undefined {
  const holder = valueAt(root, path.slice(0, -1));
  const key = path.at(-1);
  if (holder === null || typeof holder !== 'object' || (typeof key !== 'string' && typeof key !== 'number'))
    return undefined;
  return { holder, key };
}

type Input = { readonly schema: z.ZodType; readonly value: unknown; readonly source: Source };

function unknownKey(issue: Issue, key: string, { schema, value, source }: Input): Problem {
  const container = valueAt(value, issue.path);
  const place = container !== null && typeof container === 'object' ? source.key(container, key) : source.top;
  const allowed = allowedKeys(schema, issue.path);
  const near = didYouMean(key, allowed);
  const prose = /[\s()]/.test(key) && valueAt(value, [...issue.path, key]) === null;
  const help = prose
    ? 'is the comma before it part of a text? then put the text in quotes'
    : near === undefined
      ? `allowed here: ${allowed.join(', ')}`
      : `did you mean \`${near}\`?`;
  return { code: 'unknown-key', severity: 'error', message: `there is no key ${quote(key)} here; ${help}`, ...place };
}

function valueProblem(issue: Issue, { value: root, source }: Input): Problem {
  const value = valueAt(root, issue.path);
  const at = holderOf(root, issue.path);
  const place = at === undefined ? source.top : placeOf(issue, at, source);
  const name = typeof at?.key === 'string' ? `\`${at.key}\`` : at === undefined ? 'the file' : 'this entry';
  const problem = (code: ProblemCode, message: string): Problem => ({ code, severity: 'error', message, ...place });
  if (value === undefined && issue.code !== 'invalid_key') {
    return problem('missing-key', `${name} is missing; it has to be ${expected(issue)}`);
  }
  const { code, allowed } = refusal(issue);
  if (issue.code === 'invalid_key')
    return problem(code, `${quote(String(at?.key))} is not allowed as a name; allowed: ${allowed}`);
  return problem(code, `${name} has to be ${allowed}; found ${describe(value)}`);
}

function placeOf(issue: Issue, at: { holder: object; key: string | number }, source: Source): Place {
  return issue.code === 'invalid_key' ? source.key(at.holder, String(at.key)) : source.value(at.holder, at.key);
}

/** Which problem an issue is, and what would be right. */
function refusal(issue: Issue): Refusal {
  const nested = issue.code === 'invalid_key' ? issue.issues[0] : undefined;
  if (nested !== undefined) return refusal(nested);
  if (issue.code === 'custom' && issue.params !== undefined) return issue.params as Refusal;
  const wrongType = issue.code === 'invalid_type' || issue.code === 'invalid_union';
  return { code: wrongType ? 'wrong-type' : 'wrong-value', allowed: expected(issue) };
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return oneOf(issue.values.map((value) => (value === '' ? '""' : String(value))));
    case 'invalid_union':
      return oneOf([...new Set(issue.errors.flatMap((branch) => branch.slice(0, 1).map(expected)))]);
    case 'too_small':
      return issue.origin === 'array' ? `a list of at least ${issue.minimum}` : `at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array' ? `a list of at most ${issue.maximum}` : `at most ${issue.maximum}`;
    case 'custom':
      return (issue.params as Refusal | undefined)?.allowed ?? issue.message;
    default:
      return issue.message;
  }
}

/** `a, b or c`. */
function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** What was found, short. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}

function quote(value: string): string {
  const line = value.split('\n')[0] ?? '';
  const cut = line.length > 60 ? `${line.slice(0, 60)}…` : line;
  return JSON.stringify(cut === value ? value : cut.endsWith('…') ? cut : `${cut}…`);
}
