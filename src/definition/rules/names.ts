import { builtInNames } from '../declared-names.ts';
import { namesIn } from '../expand.ts';
import type { Problem } from '../problem.ts';
import { didYouMean } from '../suggest.ts';
import { error, type RuleContext } from './context.ts';
import { templates } from './templates.ts';

/** Every `${NAME}` in a field that no shell reads is a variable or a captured value; secrets only where they stay secret. */
export function* names(context: RuleContext): Iterable<Problem> {
  const { input, source, known } = context;
  const all = new Set<string>([...known.vars, ...known.captures, ...builtInNames]);
  for (const { holder, key, secrets } of templates(context)) {
    const text = (holder as Record<string | number, unknown>)[key];
    if (typeof text !== 'string' || !text.includes('${')) continue;
    for (const use of namesIn(text)) {
      if (!all.has(use.name)) {
        const near = didYouMean(use.name, all);
        const help = near === undefined ? `to have it literally, write $\${${use.name}}` : `did you mean \${${near}}?`;
        yield error('unknown-name', `there is no variable ${use.name}; ${help}`, source.within(holder, key, use));
        continue;
      }
      const variable = input.vars?.[use.name];
      if (!secrets && typeof variable === 'object' && variable.secret === true) {
        const message = `${use.name} is a secret and would be shown or written here; only commands, headers and bodies may use it`;
        yield error('wrong-value', message, source.within(holder, key, use));
      }
    }
  }
}
