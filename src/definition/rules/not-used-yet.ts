import type { Problem } from '../problem.ts';
import { type RuleContext, warning } from './context.ts';

/** Parts that are read and checked, and that nothing acts on yet. */
export function* notUsedYet({ input, source }: RuleContext): Iterable<Problem> {
  for (const host of Object.values(input.hosts ?? {})) {
    if (host.ssh === undefined) continue;
    const message =
      'running over ssh is not used yet: on another machine, a phase of this host asks before it runs there';
    yield warning('not-used-yet', message, source.key(host, 'ssh'));
  }
}
