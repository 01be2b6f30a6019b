import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openOutput } from '../../src/adapters/output-reader.ts';
import { processStartTime } from '../../src/adapters/process-identity.ts';
import { createRunners } from '../../src/adapters/runner-process.ts';
import type { AttemptReport, Runners } from '../../src/engine/ports.ts';
import type { AttemptResult, CommandRecord } from '../../src/runner/spec.ts';
import { type AttemptLab, attemptLab, everythingIn, fixture, runnerEntry } from '../support/attempt.ts';
import { straceIsMissing } from '../support/strace.ts';
import { waitFor } from '../support/wait-for.ts';

let lab: AttemptLab;
beforeEach(() => {
  lab = attemptLab();
});
afterEach(() => lab.dispose());

const bash = (script: string, on: 'pty' | 'pipes' = 'pty') =>
  ({ kind: 'command', argv: ['bash', '-c', script], on }) as const;

function commandPid(folder: string): number {
  return (JSON.parse(readFileSync(join(folder, 'command.json'), 'utf8')) as CommandRecord).process.pid;
}

/** A zombie that nobody waits for is gone. */
async function exists(pid: number): Promise<boolean> {
  return (await processStartTime(pid)) !== undefined;
}

describe('a command', () => {
  test.each(['pty', 'pipes'] as const)(
    'on %s runs in its folder with its environment, and its files are private',
    async (on) => {
      const attempt = await lab.start(
        lab.spec(bash('pwd; echo "$A $RUNBOOK_ATTEMPT"; exit 3', on), { env: { A: 'ä' }, capture: true }),
      );
      const result = await attempt.result();
      expect(result).toMatchObject({
        ending: { kind: 'exited', status: 3 },
        unmet: [{ what: 'exit', wanted: '0', found: '3' }],
        captured: `${lab.root}\nä run/1`,
        output: { on, cutBytes: 0 },
        notices: [],
        groupGone: true,
      });
      expect(attempt.reports.map(({ type }) => type)).toEqual(['started', 'ended']);
      expect(statSync(attempt.folder).mode & 0o777).toBe(0o700);
      for (const name of readdirSync(attempt.folder)) {
        expect([name, statSync(join(attempt.folder, name)).mode & 0o777]).toEqual([name, 0o600]);
      }
      expect(existsSync(lab.spec(bash('')).socketPath)).toBe(false);
    },
  );

  test('on a pty it may close all it has of the terminal before it ends', async () => {
    const attempt = await lab.start(lab.spec(bash('echo out; exec <&- >&- 2>&-; sleep 0.3; exit 7')));
    expect((await attempt.result()).ending).toEqual({ kind: 'exited', status: 7 });
    expect(attempt.output()).toBe('out\r\n');
  });

  test('on a pty what is typed after it closed its terminal is lost, and nothing else', async () => {
    const script = 'echo said; exec <&- >&- 2>&-; touch "$CLOSED"; until test -e "$GO"; do sleep 0.02; done; exit 3';
    // Several at once: what is typed has to come in the moment before the end is noticed.
    const endOne = async (number: number) => {
      const env = { CLOSED: join(lab.root, `closed-${number}`), GO: join(lab.root, `go-${number}`) };
      const attempt = await lab.start(lab.spec(bash(script), { env }));
      await attempt.until('started');
      await waitFor(() => existsSync(env.CLOSED), { what: 'the command has closed its terminal' });
      writeFileSync(env.GO, '');
      await waitFor(() => {
        lab.runners.input(attempt.folder, Buffer.from('typed'));
        return attempt.reports.some(({ type }) => type === 'ended');
      });
      expect(attempt.reports.at(-1)).toMatchObject({ type: 'ended', result: { ending: { status: 3 } } });
      // The terminal itself echoes what is typed until its other side's end is noticed.
      expect(attempt.output()).toMatch(/^said\r\n(?:typed)*$/);
    };
    await Promise.all([1, 2, 3, 4, 5, 6].map(endOne));
  });

  test('on a pty it has a controlling terminal of the given size', async () => {
    const attempt = await lab.start(lab.spec(bash('stty size < /dev/tty; echo $TERM'), { columns: 111, rows: 33 }));
    await attempt.result();
    expect(attempt.output()).toBe('33 111\r\nxterm-256color\r\n');
  });

  test('that is killed by a signal says which', async () => {
    const attempt = await lab.start(lab.spec(bash('kill -SEGV $$')));
    expect((await attempt.result()).ending).toEqual({ kind: 'killed', signal: 'SIGSEGV' });
  });

  test.each([
    ['a missing program', 'pty', 'no-such-program', {}, /no-such-program is not found in PATH/],
    ['a missing folder', 'pty', 'true', { cwd: '/no/such' }, /the folder \/no\/such does not exist/],
    ['too long a folder', 'pty', 'true', { cwd: `/${'n'.repeat(300)}` }, /can't be entered: ENAMETOOLONG$/],
    ['too long an environment', 'pipes', 'true', { env: { LONG: 'x'.repeat(2_000_000) } }, /E2BIG/],
  ] as const)('with %s could not start', async (_, on, program, changes, message) => {
    const attempt = await lab.start(lab.spec({ kind: 'command', argv: [program], on }, changes));
    expect((await attempt.result()).ending).toEqual({
      kind: 'could not start',
      message: expect.stringMatching(message),
    });
  });

  test('in a folder whose links lead in a circle could not start, and a check does not hold there', async () => {
    const cwd = join(lab.root, 'circle');
    symlinkSync(cwd, cwd);
    const message = `the folder ${cwd} can't be entered: ELOOP`;
    const attempt = await lab.start(lab.spec(bash('true'), { cwd }));
    expect((await attempt.result()).ending).toEqual({ kind: 'could not start', message });
    const probe = { kind: 'command', argv: ['true'], timeoutMs: 1_000 } as const;
    const check = await lab.start(lab.spec({ kind: 'check', poll: { probe, withinMs: 1, everyMs: 1 } }, { cwd }));
    expect((await check.result()).ending).toMatchObject({ kind: 'not met', found: expect.stringContaining(message) });
  });

  test('is compared with what is expected of its output', async () => {
    const expected = { exit: [0, 4], match: '^done$', noMatch: 'error' };
    const attempt = await lab.start(lab.spec(bash('echo an ERROR; exit 4', 'pipes'), { expect: expected }));
    expect((await attempt.result()).unmet).toEqual([
      { what: 'match', wanted: '^done$', found: 'the only line is “an ERROR”' },
      { what: 'no-match', wanted: 'error', found: 'an ERROR' },
    ]);
  });

  test.each(['pty', 'pipes'] as const)('that prints 26 MB on %s loses nothing', async (on) => {
    const attempt = await lab.start(
      lab.spec(bash('stty -opost 2>/dev/null; yes 0123456789abcdef | head -c 26000000', on)),
    );
    expect((await attempt.result()).output).toEqual({ bytes: 26_000_000, cutBytes: 0, on });
    expect(statSync(join(attempt.folder, 'output.log')).size).toBe(26_000_000);
  });

  test('that prints more than the cap keeps head and tail', async () => {
    const spec = lab.spec(bash('seq 1 200000', 'pipes'), { outputCapBytes: 160_000 });
    const attempt = await lab.start(spec);
    const { output } = await attempt.result();
    const source = openOutput(attempt.folder);
    expect(output.cutBytes).toBeGreaterThan(1_000_000);
    expect(await source.size()).toBe(output.bytes);
    expect(Buffer.from(await source.read(0, 4)).toString()).toBe('1\n2\n');
    expect(Buffer.from(await source.read(output.bytes - 7, 100)).toString()).toBe('200000\n');
  });

  test('that leaves a process behind tells of it and leaves it alone', async () => {
    const attempt = await lab.start(lab.spec(bash('sleep 60 > /dev/null 2>&1 & echo $!', 'pipes')));
    const result = await attempt.result();
    const pid = Number(attempt.output());
    expect(result.notices).toEqual([expect.stringContaining(`(pid ${pid})`)]);
    expect(await exists(pid)).toBe(true);
    process.kill(pid);
  });
});

describe('secrets', () => {
  test.each(['pty', 'pipes'] as const)('on %s are in the environment and nowhere else', async (on) => {
    const script =
      'printf hun; printf ter2-; printf "secret\\n"; echo "$TOKEN" >&2; read -t 20 line; printf %s "$TOKEN" | wc -c';
    const spec = lab.spec(bash(on === 'pty' ? script : script.replace('read -t 20 line;', ''), on), {
      secretNames: ['TOKEN'],
      capture: true,
    });
    const attempt = await lab.start(spec, { TOKEN: 'hunter2-secret' });
    if (on === 'pty') {
      await attempt.until('started');
      await waitFor(() => existsSync(join(attempt.folder, 'output.log')) && attempt.output().includes('***\r\n***'));
      const arguments_ = readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => (existsSync(`/proc/${pid}/cmdline`) ? readCommandLine(pid) : ''));
      expect(arguments_.filter((line) => line.includes('hunter2-secret'))).toEqual([]);
      lab.runners.input(attempt.folder, Buffer.from('\n'));
    }
    const result = await attempt.result();
    expect(result.captured).toContain('***');
    expect(attempt.output()).toContain('14');
    expect(everythingIn(lab.root)).not.toContain('hunter2-secret');
  });

  test('that do not come in completely keep the attempt from starting', async () => {
    const attempt = await lab.start(lab.spec(bash('echo ran'), { secretNames: ['TOKEN'] }), {});
    expect(await attempt.until('did not start')).toEqual({
      type: 'did not start',
      message: 'the secret TOKEN did not come in',
    });
    expect(existsSync(join(attempt.folder, 'started.json'))).toBe(false);
  });
});

function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

describe('stopping', () => {
  const missing = straceIsMissing();
  test('also ends what does not lead its group yet, which no signal to the group reaches', async (context) => {
    if (missing !== undefined) context.skip(`note: ${missing}`);
    const folder = lab.folder('early');
    mkdirSync(folder, { mode: 0o700 });
    const spec = lab.spec(bash('sleep 20; echo on > went'), { timeoutMs: 200 });
    writeFileSync(join(folder, 'spec.json'), JSON.stringify(spec));
    const late = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=setsid', '-e', 'inject=setsid:delay_enter=2000000'];
    const runner = spawn('strace', [...late, ...runnerEntry, folder], { stdio: ['pipe', 'inherit', 'inherit'] });
    runner.stdin.end('{}\n');
    await waitFor(() => existsSync(join(folder, 'result.json')), { withinMs: 60_000 });
    const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as AttemptResult;
    expect(result).toMatchObject({ ending: { kind: 'timed out' }, groupGone: true });
    expect(existsSync(join(lab.root, 'went'))).toBe(false);
    // Its tracer ends after all that it traces.
    await waitFor(() => runner.exitCode !== null, { withinMs: 10_000 });
  });

  // Who gives in has time for it on a busy machine too; who does not is waited for.
  test.each([
    ['SIGINT', 10_000, ['SIGINT']],
    ['SIGTERM', 3_000, ['SIGINT', 'SIGTERM']],
    ['SIGKILL', 300, ['SIGINT', 'SIGTERM', 'SIGKILL']],
  ] as const)(
    'goes on up to %s, each signal told, and proves that the group is gone',
    async (gives, graceMs, signals) => {
      const work = { kind: 'command', argv: [process.execPath, fixture('stubborn.mjs'), gives], on: 'pty' } as const;
      const attempt = await lab.start(lab.spec(work, { graceMs }));
      await attempt.until('started');
      await waitFor(() => existsSync(join(attempt.folder, 'command.json')) && attempt.output().includes('ready'));
      const pid = commandPid(attempt.folder);
      await lab.runners.stop(attempt.folder);
      const result = await attempt.result();
      expect(result).toMatchObject({ ending: { kind: 'stopped', signal: gives }, groupGone: true });
      const told = attempt.reports.flatMap((report) => (report.type === 'stopping' ? [report.signal] : []));
      expect(told).toEqual(signals);
      expect(await exists(pid)).toBe(false);
    },
  );

  test('ends what the command left in the background too, in other groups of its session as well', async () => {
    const attempt = await lab.start(lab.spec(bash('set -m; sleep 71 & echo $!; exec sleep 72')));
    await waitFor(() => existsSync(join(attempt.folder, 'output.log')) && /\d+\r\n/.test(attempt.output()));
    const background = Number(/(\d+)\r\n/.exec(attempt.output())?.[1]);
    await lab.runners.stop(attempt.folder);
    expect((await attempt.result()).groupGone).toBe(true);
    expect(await exists(background)).toBe(false);
  });

  test('a deadline ends it the same way', async () => {
    const attempt = await lab.start(lab.spec(bash('exec sleep 60'), { timeoutMs: 200 }));
    expect(await attempt.result()).toMatchObject({ ending: { kind: 'timed out', afterMs: 200 }, groupGone: true });
  });

  test('reaches what runs where its door is shut and the file that says who runs it is gone since', async () => {
    const spec = lab.spec(bash('echo up; exec sleep 60'));
    mkdirSync(join(spec.socketPath, 'in the way'), { recursive: true, mode: 0o700 });
    chmodSync(dirname(spec.socketPath), 0o700);
    const attempt = await lab.start(spec);
    await attempt.until('started');
    await waitFor(() => existsSync(join(attempt.folder, 'command.json')));
    rmSync(join(attempt.folder, 'started.json'));
    await lab.runners.stop(attempt.folder);
    expect((await attempt.result()).ending).toEqual({ kind: 'stopped', signal: 'SIGINT' });
    expect(attempt.reports.map(({ type }) => type)).not.toContain('did not start');
  });

  test('keeps from starting what it finds while the files of the attempt are still being written', async () => {
    const starting = lab.start(lab.spec(bash('echo on > went')), {}, lab.folder('early'));
    await lab.runners.stop(lab.folder('early'));
    const attempt = await starting;
    expect(await attempt.until('did not start')).toMatchObject({ message: 'it was stopped before it started' });
    expect(readdirSync(attempt.folder)).toEqual(['spec.json']);
    expect(existsSync(join(lab.root, 'went'))).toBe(false);
  });

  /** A command that a screen of its own follows, and streams. */
  async function streamed(script: string) {
    const runners = createRunners({ runnerEntry, environment: process.env });
    const folder = lab.folder();
    const reports: AttemptReport[] = [];
    const report = (one: AttemptReport) => reports.push(one);
    await runners.start({ folder, spec: lab.spec(bash(script, 'pipes')), secrets: {}, report });
    await waitFor(() => reports.some(({ type }) => type === 'started'));
    let bytes = 0;
    runners.stream(folder, ({ length }) => {
      bytes += length;
    });
    await waitFor(() => existsSync(join(folder, 'command.json')) && (bytes > 0 || script !== FLOOD));
    const { runner } = JSON.parse(readFileSync(join(folder, 'started.json'), 'utf8')) as { runner: { pid: number } };
    return { runners, folder, runnerPid: runner.pid };
  }

  const FLOOD = 'exec yes';
  const TURNS = [1, 2, 3, 4];
  const hasEnded = (folder: string, turn: number) =>
    waitFor(() => existsSync(join(folder, 'result.json')), { what: `it ends, turn ${turn}` });

  test.each([
    ['prints nothing', 'exec sleep 60'],
    ['floods who streams it', FLOOD],
  ])('reaches what %s also where the screen lets go at once', async (_, script) => {
    for (const turn of TURNS) {
      const { runners, folder } = await streamed(script);
      void runners.stop(folder);
      await runners.detach();
      await hasEnded(folder, turn);
    }
  });

  test.each([
    ['stays', () => undefined],
    ['lets go at once', (runners: Runners) => runners.detach()],
  ])('reaches what has dropped a screen that stood still beside a flood, and %s', async (_, then) => {
    for (const turn of TURNS) {
      const { runners, folder } = await streamed(FLOOD);
      // This very process stands still: nothing of what comes is read, and what it left unread is too much.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
      void runners.stop(folder);
      await then(runners);
      await hasEnded(folder, turn);
      await runners.detach();
    }
  });

  test.each([
    ['prints nothing', 'exec sleep 60'],
    ['floods', FLOOD],
  ])(
    'reaches a runner that is halted, whose command %s, once it goes on, though nobody is there any more',
    async (_, script) => {
      const { runners, folder, runnerPid } = await streamed(script);
      process.kill(runnerPid, 'SIGSTOP');
      void runners.stop(folder);
      await runners.detach();
      process.kill(runnerPid, 'SIGCONT');
      await hasEnded(folder, 1);
    },
  );

  test('SIGTERM to the runner stops its command, SIGHUP does not', async () => {
    const attempt = await lab.start(lab.spec(bash('echo up; exec sleep 60')));
    await waitFor(() => existsSync(join(attempt.folder, 'command.json')));
    const started = JSON.parse(readFileSync(join(attempt.folder, 'started.json'), 'utf8')) as {
      runner: { pid: number };
    };
    process.kill(started.runner.pid, 'SIGHUP');
    expect(await lab.runners.examine(attempt.folder, true)).toMatchObject({ kind: 'running' });
    process.kill(started.runner.pid, 'SIGTERM');
    expect((await attempt.result()).ending).toEqual({ kind: 'stopped', signal: 'SIGINT' });
  });
});

describe('over the socket', () => {
  test('one types into it, resizes it and sees what it prints', async () => {
    const script =
      'read -r line; echo "got $line"; trap "stty size; exit" WINCH; echo trapped; while :; do sleep 0.05; done';
    const attempt = await lab.start(lab.spec(bash(script)));
    const seen: Uint8Array[] = [];
    const end = lab.runners.stream(attempt.folder, (data) => seen.push(data));
    await attempt.until('started');
    await waitFor(() => {
      if (existsSync(join(attempt.folder, 'command.json')) && seen.length === 0) {
        lab.runners.input(attempt.folder, Buffer.from('hällo\n'));
      }
      return attempt.output().includes('trapped');
    });
    lab.runners.resize(attempt.folder, 99, 22);
    await attempt.result();
    end();
    expect(attempt.output()).toContain('got hällo');
    expect(attempt.output()).toContain('22 99');
    expect(Buffer.concat(seen).toString()).toContain('22 99');
  });
});

describe('without a screen', () => {
  test('a screen that is killed leaves the command running and its output recorded; a new one reattaches', async () => {
    const folder = lab.folder('orphan');
    const script = 'echo tick 1; until test -e go; do sleep 0.02; done; for i in 2 3 4 5 6 7 8; do echo tick $i; done';
    const spec = lab.spec(bash(script));
    const specPath = join(lab.root, 'orphan.json');
    writeFileSync(specPath, JSON.stringify(spec));
    const screen = spawn(process.execPath, [fixture('screen.mjs'), folder, specPath, ...runnerEntry], {
      stdio: 'pipe',
    });
    await waitFor(
      () =>
        existsSync(join(folder, 'output.log')) && readFileSync(join(folder, 'output.log'), 'utf8').includes('tick 1'),
    );
    screen.kill('SIGKILL');
    expect(await lab.runners.examine(folder, false)).toMatchObject({ kind: 'running' });
    const attempt = await lab.follow(folder);
    await attempt.until('started');
    writeFileSync(join(lab.root, 'go'), '');
    expect((await attempt.result()).ending).toEqual({ kind: 'exited', status: 0 });
    expect(attempt.output()).toBe([1, 2, 3, 4, 5, 6, 7, 8].map((tick) => `tick ${tick}\r\n`).join(''));
    expect(await lab.runners.examine(folder, false)).toMatchObject({ kind: 'ended' });
  });

  test('the runner leads a session of its own', async () => {
    const attempt = await lab.start(lab.spec(bash('exec sleep 60')));
    await attempt.until('started');
    const { runner } = JSON.parse(readFileSync(join(attempt.folder, 'started.json'), 'utf8')) as {
      runner: { pid: number };
    };
    const [group, session] = execFileSync('ps', ['-o', 'pgid=,sid=', '-p', String(runner.pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    expect([Number(group), Number(session)]).toEqual([runner.pid, runner.pid]);
  });

  test('a screen that lets go stops nothing', async () => {
    const runners = createRunners({ runnerEntry, environment: process.env });
    const folder = lab.folder();
    const reports: unknown[] = [];
    const spec = lab.spec(bash('echo on; exec sleep 60'));
    await runners.start({ folder, spec, secrets: {}, report: (report) => reports.push(report) });
    await waitFor(() => existsSync(join(folder, 'command.json')));
    await runners.detach();
    const attempt = await lab.follow(folder);
    await attempt.until('started');
    await lab.runners.stop(folder);
    expect((await attempt.result()).ending.kind).toBe('stopped');
    expect(reports.some((report) => JSON.stringify(report).includes('ended'))).toBe(false);
  });
});
