import { defineConfig } from 'vitest/config';
import { damageTable } from './support/damage-table.ts';
import { leftOut } from './support/left-out.ts';

const STACK = 'test/e2e/migration.test.ts';
const DAMAGE = 'test/damage/**/*.test.ts';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    // The replica of the stack takes both cores: it comes after all others, so that it starves none of them.
    projects: [
      {
        extends: true,
        test: {
          name: 'program',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          exclude: [STACK, DAMAGE],
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'damage', include: [DAMAGE], sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'stack', include: [STACK], sequence: { groupOrder: 1 } } },
    ],
    // Two cores: more workers than that make timing-sensitive terminals starve each other.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { CI: '', NO_COLOR: '', FORCE_COLOR: '1' },
    reporters: ['default', 'json', leftOut, damageTable],
    outputFile: { json: 'node_modules/.cache/test-results.json' },
  },
});
