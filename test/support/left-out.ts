import type { Reporter, TestModule } from 'vitest/node';

/**
 * Says at the end which tests were left out; their note says what they want.
 *
 * @param chosen what was not asked for, and how it is.
 */
export function leftOut(chosen: readonly string[]): Reporter {
  return {
    onTestRunEnd(modules: readonly TestModule[]) {
      const missing = modules.flatMap((module) =>
        Array.from(module.children.allTests('skipped'), (test) => {
          const result = test.result();
          return `${test.fullName}${result.state === 'skipped' && result.note ? `: ${result.note}` : ''}`;
        }),
      );
      const told = (what: string, all: readonly string[]) =>
        `\n${what}: ${all.length === 0 ? 'nothing' : all.map((one) => `\n  ${one}`).join('')}\n`;
      process.stdout.write(told('Left out on this machine', missing));
      if (chosen.length > 0) process.stdout.write(told('Left out to be short', chosen));
    },
  };
}
