import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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
function begin(home: TestHome, args: readonly string[], stdout: number | 'pipe'): ChildProcess {
  return spawn(process.execPath, [bin, ...args], {
    cwd: home.workDir,
    env: { PATH: process.env.PATH, HOME: home.workDir, RUNBOOK_HOME: home.dataDir },
    stdio: ['ignore', stdout, 'inherit'],
  });
}

/** The same into the file `printed`. */
function beginInFile(home: TestHome, args: readonly string[]): ChildProcess {
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

/** Its exit status, or the signal that ended it. */
async function endOf(called: ChildProcess): Promise<string> {
  return waitFor(() => called.exitCode?.toString() ?? called.signalCode, { withinMs: 25_000, what: 'it ends' });
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
      expect(await endOf(called)).toBe('130');
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
    expect(await endOf(called)).toBe('130');
    await home.nothingLeftBehind();
    expect(existsSync(join(home.workDir, 'undo-one'))).toBe(false);
  });
});

/** As much as is kept of an output, in lines of 100 bytes; where nobody asks for the flood, nothing. */
const unread = `
version: 1
id: flood
title: Nobody reads
phases:
  - id: only
    title: Only
    steps:
      - id: one
        title: The first
        run: 'test ! -e flood || { yes $(printf "%099d" 0) | head -c ${200 * MEGABYTE}; } || true'
        undo: 'true'
        terminal: false
      - { id: two, title: The second, run: 'touch two', undo: 'true', terminal: false }
`;

/** The most that the process ever held; undefined where the system does not tell, or it has ended. */
function peakMemoryBytes(pid: number | undefined): number | undefined {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return undefined;
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(path, 'utf8'))?.[1]) * 1024;
}

/** Reads what is told from now on: how much of the flood is shown or counted, with how many leaps, and its last whole line. */
function reading(called: ChildProcess) {
  let rest = '';
  let last = '';
  let bytes = 0;
  let leaps = 0;
  called.stdout?.on('data', (data: Buffer) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop() ?? '';
    last = lines.at(-1) ?? last;
    for (const line of lines) {
      const leftOut = /^ {2}… ([\d,]+) bytes of output are left out here/.exec(line)?.[1];
      if (leftOut !== undefined) leaps += 1;
      if (leftOut !== undefined) bytes += Number(leftOut.replaceAll(',', ''));
      else if (line.startsWith('  ')) bytes += line.length - 1;
    }
  });
  return { lastLine: () => last, toldBytes: () => bytes, leaps: () => leaps };
}

describe('a pipe whose reader stands still', () => {
  /** A run that is over, of whose telling nothing was read. */
  async function unreadRun(home: TestHome): Promise<ChildProcess> {
    const called = begin(home, ['run', home.write('flood.yaml', unread), '--yes'], 'pipe');
    const isOver = () => existsSync(join(home.workDir, 'two')) && !existsSync(join(home.runDir('flood'), 'lock'));
    await waitFor(isOver, { withinMs: 60_000, what: 'the run is over and let go of' });
    return called;
  }

  test('costs no more memory than one that reads, and holds up nothing', async (context) => {
    if (process.platform !== 'linux') context.skip('note: only Linux tells what a process has held');
    underDamage(context, '200 MB printed, and nobody reads', 'Output', 'No screen 1');
    const quiet = newHome(context);
    const little = peakMemoryBytes((await unreadRun(quiet)).pid);
    const home = newHome(context);
    home.write('flood', '');
    const called = await unreadRun(home);
    const much = peakMemoryBytes(called.pid);
    expect((much ?? 0) - (little ?? 0)).toBeLessThan(150 * MEGABYTE);

    // However long the reader stood still: all is told, or counted.
    const { lastLine, toldBytes, leaps } = reading(called);
    expect(await endOf(called)).toBe('0');
    await waitFor(() => lastLine() === '2/2 · every step is done', { what: 'the rest is read' });
    // Where it leaps a line may be cut in two, which makes one line end more.
    expect(Math.abs(toldBytes() - 200 * MEGABYTE)).toBeLessThanOrEqual(leaps());
  });

  test('does not keep the process from a signal once the run is over', async (context) => {
    underDamage(context, 'SIGTERM when the run is over and nobody reads', 'Output');
    const home = newHome(context);
    home.write('flood', '');
    const called = await unreadRun(home);
    called.kill('SIGTERM');
    await endOf(called);
  });

  test('nor while the run goes on', async (context) => {
    underDamage(context, 'SIGTERM while a step floods and nobody reads', 'Output', 'No screen 1', 'No screen 3');
    const home = newHome(context);
    const called = begin(home, ['run', home.write('flood.yaml', book), '--yes'], 'pipe');
    await untilFlooded(home, '0002-two');
    called.kill('SIGTERM');
    expect(await endOf(called)).toBe('130');
    home.write('go', '');
    await home.nothingLeftBehind();
    expect(begun(home)).toEqual(['The first', 'The second']);
  });
});
