import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { DamageDone } from './damage.ts';
import { type Rule, rules } from './rules.ts';

type Way = { readonly way: string; tried: number; held: number };

type Counted = { readonly done: DamageDone; readonly tried: number; readonly held: number };

const damageFolder = fileURLToPath(new URL('../damage/', import.meta.url));

/**
 * Prints at the end which rule was tried under which damage, in how many cases, and how many of them held. Where all
 * damage tests were run, a rule that nothing was tried on stands there in capitals, and fails the run unless a test was left
 * out.
 */
export const damageTable: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const counted = modules.flatMap((module) => [...module.children.allTests()].flatMap(countedIn));
    if (counted.length === 0) return;
    const byRule = waysByRule(counted);
    const isWhole = globSync('**/*.test.ts', { cwd: damageFolder }).every((file) =>
      modules.some((module) => module.moduleId === `${damageFolder}${file}`),
    );
    const isLeftOut = modules.some((module) => [...module.children.allTests('skipped')].length > 0);
    if (isWhole && !isLeftOut && byRule.size < Object.keys(rules).length) process.exitCode = 1;
    process.stdout.write(`\n${[...table(byRule, isWhole), summary(counted, byRule.size)].join('\n')}\n`);
  },
};

function table(byRule: ReadonlyMap<Rule, readonly Way[]>, isWhole: boolean): readonly string[] {
  const nothing: Way = { way: isWhole ? 'NOTHING WAS TRIED' : 'not in this run', tried: 0, held: 0 };
  const rows = Object.keys(rules).flatMap((name) =>
    (byRule.get(name as Rule) ?? [nothing]).map(({ way, tried, held }, index) => [
      index === 0 ? name : '',
      way,
      String(tried),
      held === tried ? String(held) : `✖ ${held}`,
    ]),
  );
  const all = [['Rule', 'Damage', 'Cases', 'Held'], ...rows];
  const widths = [0, 1].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map(([rule = '', way = '', tried = '', held = '']) =>
    [rule.padEnd(widths[0] ?? 0), way.padEnd(widths[1] ?? 0), tried.padStart(6), held.padStart(6)].join('  '),
  );
}

function summary(counted: readonly Counted[], ruleCount: number): string {
  const ways = new Set(counted.map(({ done }) => done.way)).size;
  const sum = (part: 'tried' | 'held') => counted.reduce((total, one) => total + one[part], 0);
  return `${ruleCount} of ${Object.keys(rules).length} rules, ${ways} ways, ${sum('tried')} cases, ${sum('held')} held`;
}

function waysByRule(counted: readonly Counted[]): ReadonlyMap<Rule, readonly Way[]> {
  const byRule = new Map<Rule, Way[]>();
  for (const { done, tried, held } of counted) {
    for (const rule of done.rules) {
      const ways = byRule.get(rule) ?? [];
      byRule.set(rule, ways);
      const known = ways.find(({ way }) => way === done.way);
      if (known === undefined) ways.push({ way: done.way, tried, held });
      else {
        known.tried += tried;
        known.held += held;
      }
    }
  }
  return byRule;
}

/** A test that failed did not hold in one case at least, whatever it counted. */
function countedIn(test: TestCase): readonly Counted[] {
  const { state } = test.result();
  if (state === 'skipped') return [];
  return (test.meta().damage ?? []).map((done) => {
    const tried = done.isCounted ? done.tried : 1;
    const held = done.isCounted ? done.held : 1;
    return { done, tried, held: state === 'passed' ? held : Math.min(held, Math.max(0, tried - 1)) };
  });
}
