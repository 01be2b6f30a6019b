import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { damageTable } from './support/damage-table.ts';
import { leftOut } from './support/left-out.ts';

const STACK = 'test/e2e/migration.test.ts';
const DAMAGE = 'test/damage/**/*.test.ts';
const CRASHES = 'test/damage/crash-matrix/**/*.test.ts';

/** `npm test` by itself is what one waits for; RUNBOOK_TESTS=all adds the rest, and everything else chooses by itself. */
const isShort = process.env.npm_lifecycle_event === 'test' && process.env.RUNBOOK_TESTS !== 'all';
const ADDED = [
  'the tests that do damage, 10 minutes: RUNBOOK_TESTS=all npm test, or by themselves npm run test:damage',
  'the migration on a replica of its stack, 4 minutes: RUNBOOK_TESTS=all npm test',
];

const added: TestProjectConfiguration[] = [
  {
    extends: true,
    test: { name: 'damage', include: [DAMAGE], exclude: [CRASHES], sequence: { groupOrder: 0 } },
  },
  { extends: true, test: { name: 'damage by crashes', include: [CRASHES], sequence: { groupOrder: 1 } } },
  { extends: true, test: { name: 'stack', include: [STACK], sequence: { groupOrder: 2 } } },
];

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    // The crashes, many at once, and the replica of the stack take both cores: they come after all others, one after the
    // other, so that they starve none of them.
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
      ...(isShort ? [] : added),
    ],
    // Two cores: more workers than that make timing-sensitive terminals starve each other.
    maxWorkers: 2,
    // A bound for what hangs: on a busy machine two dozen starts of a process take half a minute.
    testTimeout: 90_000,
    hookTimeout: 60_000,
    env: { CI: '', NO_COLOR: '', FORCE_COLOR: '1' },
    reporters: ['default', 'json', leftOut(isShort ? ADDED : []), damageTable],
    outputFile: { json: 'node_modules/.cache/test-results.json' },
  },
});
