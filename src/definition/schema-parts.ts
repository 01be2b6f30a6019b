import * as z from 'zod';
import { durationPattern, estimatePattern, parseDuration, parseEstimate } from './duration.ts';
import { idPattern, longestId, runbookIdPattern, variableNamePattern } from './identifier.ts';
import type { ProblemCode } from './problem.ts';

/** What a refinement tells about itself: the code of the problem, and what is allowed in words. */
export type Refusal = { readonly code: ProblemCode; readonly allowed: string };

function format(options: { test: (text: string) => boolean; pattern: RegExp; examples: string[] } & Refusal) {
  const { test, pattern, examples, code, allowed } = options;
  return z.string().refine(test, { params: { code, allowed } }).meta({ pattern: pattern.source, examples });
}

/** A non-empty text. */
export const text = z
  .string()
  .refine((value) => value.trim() !== '', { params: { code: 'wrong-value', allowed: 'a text that is not empty' } })
  .meta({ minLength: 1 });

/** A text that no shell reads; `${NAME}` is expanded when it is used. */
export const template = text;

/** A shell script. */
export const script = text;

export const id = format({
  test: (value) => idPattern.test(value) && value.length <= longestId,
  pattern: idPattern,
  examples: ['restart-worker'],
  code: 'wrong-value',
  allowed: `an id in kebab-case (a-z, 0-9, single hyphens), at most ${longestId} characters`,
});

export const runbookId = format({
  test: (value) => runbookIdPattern.test(value) && value.length <= longestId,
  pattern: runbookIdPattern,
  examples: ['python-3.12-migration'],
  code: 'wrong-value',
  allowed: `an id in kebab-case (a-z, 0-9, single hyphens or dots), at most ${longestId} characters`,
});

export const variableName = format({
  test: (value) => variableNamePattern.test(value),
  pattern: variableNamePattern,
  examples: ['NEW_VERSION'],
  code: 'wrong-value',
  allowed: 'a name as an environment has it: letters, digits and _, no digit first',
});

export const duration = format({
  test: (value) => parseDuration(value) !== undefined,
  pattern: durationPattern,
  examples: ['90s', '30m', '24h'],
  code: 'bad-duration',
  allowed: 'a duration such as 500ms, 90s, 30m, 24h, 2d, 2w; at most 52w',
});

/** A duration that something waits for; zero would never end or never wait. */
export const span = format({
  test: (value) => (parseDuration(value) ?? 0) > 0,
  pattern: durationPattern,
  examples: ['90s', '30m', '24h'],
  code: 'bad-duration',
  allowed: 'a duration above zero such as 500ms, 90s, 30m, 24h, 2d, 2w; at most 52w',
});

export const estimate = format({
  test: (value) => parseEstimate(value) !== undefined,
  pattern: estimatePattern,
  examples: ['30m', '1h-2h'],
  code: 'bad-duration',
  allowed: 'a duration such as 30m, or a range such as 1h-2h, the smaller first',
});

/** A text that YAML may have read as a number or a boolean; what counts is how it is written. */
export const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const env = z.record(variableName, scalar);

export const shell = z
  .union([text, z.array(text).min(1)])
  .describe('Program and arguments; the script follows as the argument of -c. Default: [bash, -euo, pipefail].')
  .meta({
    examples: [
      ['bash', '-euo', 'pipefail'],
      ['zsh', '-e'],
    ],
  });

/** A yes or no; false is the same as absent, save where a default says otherwise. */
export const flag = z.boolean();

export const references = z.strictObject({
  title: template.describe('What it is.'),
  url: template.describe('Where it is; `${NAME}` is expanded.'),
});
