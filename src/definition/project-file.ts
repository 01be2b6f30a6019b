import { normalizeMonitor, scalarText } from './normalize.ts';
import { patternFault } from './pattern.ts';
import { compareProblems, type Problem } from './problem.ts';
import { type ProjectInput, projectSchema } from './project-schema.ts';
import { repair } from './repair.ts';
import { error } from './rules/context.ts';
import { monitorPatterns } from './rules/patterns.ts';
import { monitorProblems } from './rules/probes.ts';
import { nameFault } from './rules/variables.ts';
import type { Monitor } from './runbook.ts';
import { schemaProblems } from './schema-problems.ts';
import type { Source } from './source.ts';
import { parseYaml } from './yaml.ts';

/** What the project file `runbook.yaml` at a folder's top says. Paths are relative to that folder. */
export type ProjectFile = {
  /** The runbook that opens when none is named: a file name without `.yaml`, or a path. */
  readonly default?: string;
  /** Folders or files where runbooks are; `runbooks` where nothing is said. */
  readonly runbooks: readonly string[];
  /** Values of variables; they win over a runbook's defaults. */
  readonly vars: Readonly<Record<string, string>>;
  readonly monitor?: Monitor;
  readonly preferences: { readonly ascii: boolean; readonly color: 'auto' | 'never' };
};

/** A project file with at most warnings, or all that is wrong with its text; sorted by position. */
export type LoadedProjectFile =
  | { readonly project: ProjectFile; readonly problems: readonly Problem[] }
  | { readonly project?: undefined; readonly problems: readonly Problem[] };

/** Reads the project file's text. Pure, and never throws; an empty file is a good one. */
export function loadProjectFile(text: string): LoadedProjectFile {
  const parsed = parseYaml(text);
  if (parsed.value === undefined) return { problems: parsed.problems };
  const { source } = parsed;
  const value = parsed.value ?? {};
  const checked = projectSchema.safeParse(value);
  const shape = checked.success ? [] : schemaProblems(checked.error.issues, { schema: projectSchema, value, source });
  const { value: input, touched } = repair(projectSchema, value, source);
  const rules = input === undefined ? [] : [...projectRules(input, { source, touched })];
  const problems = [...parsed.problems, ...shape, ...rules].sort(compareProblems);
  if (input === undefined || problems.some((problem) => problem.severity === 'error')) return { problems };
  return { project: normalizeProject(input, source), problems };
}

function* projectRules(
  input: ProjectInput,
  where: { source: Source; touched: ReadonlySet<object> },
): Iterable<Problem> {
  const { source } = where;
  const vars = input.vars ?? {};
  for (const name of Object.keys(vars)) {
    const fault = nameFault(name);
    if (fault !== undefined) yield error('wrong-value', fault, source.key(vars, name));
  }
  if (input.monitor === undefined) return;
  yield* monitorProblems(input.monitor, where);
  for (const [holder, key] of monitorPatterns(input.monitor)) {
    const pattern = (holder as Record<string, unknown>)[key];
    const fault = typeof pattern === 'string' ? patternFault(pattern) : undefined;
    if (fault !== undefined)
      yield error('bad-pattern', `\`${key}\` is no regular expression: ${fault}`, source.value(holder, key));
  }
}

function normalizeProject(input: ProjectInput, source: Source): ProjectFile {
  const vars = input.vars ?? {};
  const { runbooks = 'runbooks' } = input;
  return {
    ...(input.default === undefined ? {} : { default: input.default }),
    runbooks: typeof runbooks === 'string' ? [runbooks] : runbooks,
    vars: Object.fromEntries(Object.keys(vars).map((name) => [name, scalarText(vars, name, source)])),
    ...(input.monitor === undefined ? {} : { monitor: normalizeMonitor(input.monitor) }),
    preferences: { ascii: input.preferences?.ascii ?? false, color: input.preferences?.color ?? 'auto' },
  };
}
