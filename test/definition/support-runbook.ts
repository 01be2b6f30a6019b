import { loadRunbook } from '../../src/definition/load-runbook.ts';
import type { Problem } from '../../src/definition/problem.ts';
import type { Runbook } from '../../src/definition/runbook.ts';

/** A runbook's text around one step titled S; the lines given begin on line 7, column 9. */
export function withStep(...lines: readonly string[]): string {
  const head = ['version: 1', 'title: T', 'phases:', '  - title: P', '    steps:', '      - title: S'];
  return [...head, ...lines.map((line) => `        ${line}`), ''].join('\n');
}

/** A runbook's text with a good phase; the lines given begin on line 8, column 1. */
export function withTop(...lines: readonly string[]): string {
  const head = [
    'version: 1',
    'title: T',
    'phases:',
    '  - title: P',
    '    steps:',
    '      - title: S',
    '        check: "true"',
  ];
  return [...head, ...lines, ''].join('\n');
}

/** `code line:column` of each problem, in order. */
export function told(text: string): string[] {
  return tell(loadRunbook(text).problems);
}

/** `code line:column` of problems. */
export function tell(problems: readonly Problem[]): string[] {
  return problems.map(({ code, position }) => `${code} ${position.line}:${position.column}`);
}

/** The runbook of a text that has to be right. */
export function loaded(text: string): Runbook {
  const { runbook, problems } = loadRunbook(text);
  if (runbook === undefined) throw new Error(problems.map((problem) => problem.message).join('\n'));
  return runbook;
}
