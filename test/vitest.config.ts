import { defineConfig } from 'vitest/config';
import { leftOut } from './support/left-out.ts';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    // Two cores: more workers than that make timing-sensitive terminals starve each other.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { CI: '', NO_COLOR: '', FORCE_COLOR: '1' },
    reporters: ['default', 'json', leftOut],
    outputFile: { json: 'node_modules/.cache/test-results.json' },
  },
});
