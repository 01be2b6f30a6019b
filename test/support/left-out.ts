import type { Reporter, TestModule } from 'vitest/node';

/** Says at the end which tests were left out on this machine; their note says what they want. */
export const leftOut: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const lines = modules.flatMap((module) =>
      Array.from(module.children.allTests('skipped'), (test) => {
        const result = test.result();
        return `  ${test.fullName}${result.state === 'skipped' && result.note ? `: ${result.note}` : ''}`;
      }),
    );
    process.stdout.write(`\nLeft out on this machine: ${lines.length === 0 ? 'nothing' : `\n${lines.join('\n')}`}\n`);
  },
};
