import { patternFault } from '../pattern.ts';
import type { Problem } from '../problem.ts';
import type { MonitorInput } from '../schema-monitor.ts';
import { error, type RuleContext } from './context.ts';

/** Every regular expression is one. */
export function* patterns(context: RuleContext): Iterable<Problem> {
  for (const [holder, key] of patternFields(context)) {
    const text = (holder as Record<string, unknown>)[key];
    if (typeof text !== 'string') continue;
    const place = context.source.value(holder, key);
    const fault = patternFault(text);
    if (fault !== undefined) {
      yield error('bad-pattern', `\`${key}\` is no regular expression: ${fault}`, place);
    } else if (/\$\{[A-Za-z_]\w*\}/.test(text)) {
      yield error(
        'bad-pattern',
        `variables are not expanded in \`${key}\`, so this never matches; spell it out, or use a command`,
        place,
      );
    }
  }
}

function* patternFields({ input, steps }: RuleContext): Iterable<[object, string]> {
  for (const variable of Object.values(input.vars ?? {})) if (typeof variable === 'object') yield [variable, 'pattern'];
  for (const { step } of steps) {
    if (step.expect !== undefined)
      yield* [[step.expect, 'match'] as [object, string], [step.expect, 'no-match'] as [object, string]];
    for (const probe of [step.check, step.watch?.check, step.ready])
      if (typeof probe === 'object') yield [probe, 'match'];
  }
  for (const entry of input.troubleshooting ?? []) yield [entry, 'match'];
  if (input.monitor !== undefined) yield* monitorPatterns(input.monitor);
}

/** Where a monitor has regular expressions. */
export function* monitorPatterns({ alert }: MonitorInput): Iterable<[object, string]> {
  if (alert !== undefined) yield* [[alert, 'pattern'] as [object, string], [alert, 'ignore'] as [object, string]];
}
