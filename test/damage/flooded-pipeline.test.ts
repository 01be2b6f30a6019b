import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { openOutput } from '../../src/adapters/output-reader.ts';
import { underDamage } from '../support/damage.ts';
import { bin } from '../support/program.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const MEGABYTE = 1_000_000;

/** Prints as fast as it can until the file `go` is there. */
const flood = 'yes & until test -e go; do sleep 0.05; done; kill $!';

const book = `
version: 1
id: flood
title: Flood
phases:
  - id: only
    title: Only
    steps:
      - { id: one, title: The first, run: 'true', undo: 'touch undo-one', terminal: false }
      - { id: two, title: The second, run: '${flood}', undo: '${flood}', terminal: false }
      - { id: three, title: The third, run: 'touch three', undo: 'true', terminal: false }
`;

/** Starts `runbook …`, which prints to where it is told. */
function begin(home: TestHome, args: readonly string[], stdout: number | 'pipe') {
  return execa(process.execPath, [bin, ...args], {
    cwd: home.workDir,
    env: { PATH: process.env.PATH, HOME: home.workDir, RUNBOOK_HOME: home.dataDir },
    extendEnv: false,
    reject: false,
    buffer: false,
    forceKillAfterDelay: false,
    stdin: 'ignore',
    // Any descriptor is handed on as it is; the type knows the single-digit ones only.
    stdout: stdout as 1,
    stderr: 'inherit',
  });
}

/** The same into the file `printed`. */
function beginInFile(home: TestHome, args: readonly string[]) {
  const printed = openSync(home.write('printed', ''), 'w');
  const called = begin(home, args, printed);
  closeSync(printed);
  return called;
}

/** Resolves once what runs has printed a lot. */
async function untilFlooded(home: TestHome, attempt: string): Promise<void> {
  const printed = async () => {
    if (!existsSync(join(home.dataDir, 'runs', 'flood'))) return 0;
    const output = openOutput(join(home.runDir('flood'), 'attempts', attempt));
    return output.size();
  };
  await waitFor(async () => (await printed()) > 30 * MEGABYTE, { withinMs: 40_000, what: `the flood of ${attempt}` });
}

async function exitStatusOf(called: ReturnType<typeof begin>): Promise<number | undefined> {
  const child = called.nodeChildProcess;
  await waitFor(() => child.exitCode !== null || child.signalCode !== null, { withinMs: 25_000, what: 'it ends' });
  return child.exitCode ?? undefined;
}

const begun = (home: TestHome) => {
  const titles = home.events('flood').filter(({ type }) => type === 'AttemptStarted');
  return titles.map(({ data }) => data.title);
};

describe('SIGTERM while a step floods', () => {
  for (const [when, isOverFirst] of [
    ['goes on', false],
    ['ends at that moment', true],
  ] as const) {
    test(`ends runbook run while the flood ${when}; nothing more begins`, async (context) => {
      underDamage(context, `SIGTERM while a flood ${when}`, 'No screen 1', 'No screen 3', 'Output');
      const home = newHome(context);
      const called = beginInFile(home, ['run', home.write('flood.yaml', book), '--yes']);
      await untilFlooded(home, '0002-two');
      called.kill('SIGTERM');
      if (isOverFirst) home.write('go', '');
      expect(await exitStatusOf(called)).toBe(130);
      expect(home.read('printed')).toContain('interrupted by SIGTERM');
      home.write('go', '');
      await home.nothingLeftBehind();
      expect(begun(home)).toEqual(['The first', 'The second']);
      expect(existsSync(join(home.workDir, 'three'))).toBe(false);
    });
  }

  test('ends runbook rollback too; no other undo begins', async (context) => {
    underDamage(context, 'SIGTERM while an undo floods', 'No screen 1', 'No screen 3', 'Output');
    const home = newHome(context);
    home.write('go', '');
    expect((await home.run(['run', home.write('flood.yaml', book), '--yes', '--to', 'two'])).code).toBe(0);
    rmSync(join(home.workDir, 'go'));
    const called = beginInFile(home, ['rollback', 'flood.yaml', '--yes']);
    await untilFlooded(home, '0003-undo-two');
    called.kill('SIGTERM');
    home.write('go', '');
    expect(await exitStatusOf(called)).toBe(130);
    await home.nothingLeftBehind();
    expect(existsSync(join(home.workDir, 'undo-one'))).toBe(false);
  });
});
