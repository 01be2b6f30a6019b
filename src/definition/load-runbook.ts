import { declaredNames } from './declared-names.ts';
import { normalize } from './normalize.ts';
import { type Matches, matchesAtLeisure } from './pattern.ts';
import { compareProblems, type Problem } from './problem.ts';
import { repair } from './repair.ts';
import { checkRules } from './rules.ts';
import type { Runbook } from './runbook.ts';
import { runbookSchema } from './schema.ts';
import { schemaProblems } from './schema-problems.ts';
import { parseYaml } from './yaml.ts';

/** A runbook with at most warnings, or all that is wrong with its text; sorted by position. */
export type LoadedRunbook =
  | { readonly runbook: Runbook; readonly problems: readonly Problem[] }
  | { readonly runbook?: undefined; readonly problems: readonly Problem[] };

/**
 * Reads a runbook from the text of its file. Pure: opens nothing, runs nothing, and never throws, whatever
 * the text. All problems are reported at once: those of syntax, or else those of shape together with those
 * that the rules find in the parts whose shape is right.
 *
 * @param matches asked whether a default fits its pattern; the file is hostile where that may take for ever.
 */
export function loadRunbook(text: string, matches: Matches = matchesAtLeisure): LoadedRunbook {
  const { value, source, problems: syntax } = parseYaml(text);
  if (value === undefined) return { problems: syntax };
  const parsed = runbookSchema.safeParse(value);
  const shape = parsed.success ? [] : schemaProblems(parsed.error.issues, { schema: runbookSchema, value, source });
  const known = declaredNames(value);
  const { value: input, touched } = repair(runbookSchema, value, source);
  const rules = input === undefined ? [] : checkRules({ input, source, touched, known, matches });
  const problems = [...syntax, ...shape, ...rules].sort(compareProblems);
  if (input === undefined || problems.some((problem) => problem.severity === 'error')) return { problems };
  return { runbook: normalize(input, source), problems };
}
