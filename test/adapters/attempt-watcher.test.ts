import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchAttempt } from '../../src/adapters/attempt-watcher.ts';
import { identifySelf } from '../../src/adapters/process-identity.ts';
import type { AttemptReport } from '../../src/engine/ports.ts';
import { type AttemptLab, attemptLab } from '../support/attempt.ts';
import { waitFor } from '../support/wait-for.ts';

const HOUR_MS = 3_600_000;

let lab: AttemptLab;
beforeEach(() => {
  lab = attemptLab();
});
afterEach(() => lab.dispose());

const work = { kind: 'command', argv: ['true'], on: 'pipes' } as const;

test.each([
  ['goes on', -HOUR_MS],
  ['was set back since', HOUR_MS],
])("a runner that lives and can't be reached is told of where the clock %s", async (_, agoMs) => {
  const folder = lab.folder();
  mkdirSync(folder);
  const at = Date.now() + agoMs;
  writeFileSync(join(folder, 'started.json'), JSON.stringify({ kind: 'started', runner: await identifySelf(), at }));
  writeFileSync(join(folder, 'ready.json'), JSON.stringify({ at }));
  const reports: AttemptReport[] = [];
  const report = (one: AttemptReport) => reports.push(one);
  const watched = watchAttempt({ folder, spec: lab.spec(work), report, over: () => undefined });
  try {
    await waitFor(() => reports.some(({ type }) => type === 'trouble'), { what: 'it is told of' });
    expect(reports.map(({ type }) => type)).toEqual(['started', 'ready', 'trouble']);
  } finally {
    watched.release();
  }
});
