import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keys } from '../support/pty-program.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const sick = { BREAK: 'health', BUILD_SECONDS: '1' };

/** What a change may not leave different: files of the working copy, and what git says. */
function worldOf(home: TestHome): Readonly<Record<string, string>> {
  const stage = join(home.runDir('practice'), 'stage');
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: join(stage, 'shop'), encoding: 'utf8' });
  const read = (name: string) => readFileSync(join(stage, 'shop', name), 'utf8');
  return {
    head: git('rev-parse', 'HEAD'),
    status: git('status', '--porcelain'),
    log: git('log', '--oneline', '--all'),
    origin: execFileSync('git', ['rev-parse', 'main'], { cwd: join(stage, 'origin.git'), encoding: 'utf8' }),
    files: readdirSync(join(stage, 'shop')).toSorted().join(' '),
    shop: read('shop.json'),
    changes: read('CHANGES.md'),
    releases: readdirSync(join(stage, 'releases')).toSorted().join(' '),
  };
}

/** Which version each instance says it is, asked over HTTP. */
async function versionsAnswering(home: TestHome): Promise<readonly unknown[]> {
  const ports = ['port-a', 'port-b'].map((step) => {
    return home.output('practice', step).toString().trim();
  });
  return await Promise.all(
    ports.map(async (port) => {
      const answer = (await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as Record<string, unknown>;
      return [answer.status, answer.version];
    }),
  );
}

/** Stops the two instances that a rollback leaves answering, the way the runbook's cheat sheet says. */
async function stopInstances(home: TestHome): Promise<void> {
  const service = join(home.runDir('practice'), 'stage');
  expect(existsSync(service)).toBe(true);
  // The last runner may still be ending.
  const left = await waitFor(() => (home.processes().length === 2 ? home.processes() : undefined), {
    what: () => `two processes are left of ${JSON.stringify(home.processes())}`,
  });
  expect(left.map(({ command }) => /--instance \w --version \S+/.exec(command)?.[0] ?? command).toSorted()).toEqual([
    '--instance a --version 1.0.0',
    '--instance b --version 1.0.0',
  ]);
  for (const { pid } of left) process.kill(pid, 'SIGTERM');
  await home.nothingLeftBehind();
}

describe.concurrent('practice', () => {
  test('runs from start to end without a screen, and leaves nothing behind', { timeout: 400_000 }, async (context) => {
    const home = newHome(context);
    const { code, stdout, stderr } = await home.run(['run', 'practice', '--yes'], {
      environment: { BUILD_SECONDS: '1' },
    });
    expect(stderr).toBe('');
    expect(stdout.split('\n').at(-1)).toBe('37/38 · every step is done');
    expect(code).toBe(0);
    const ending = await home.run(['status', 'practice', '--json']);
    expect(JSON.parse(ending.stdout)).toMatchObject({ status: 'succeeded' });
    await home.nothingLeftBehind();
  });

  test('with a sick version ends 1, and its rollback ends 3 with everything as it was', {
    timeout: 400_000,
  }, async (context) => {
    const home = newHome(context);
    const first = await home.run(['run', 'practice', '--yes', '--phase', 'prerequisites'], { environment: sick });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const before = worldOf(home);

    const broken = await home.run(['run', 'practice', '--yes']);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toMatch(/Instance a is healthy as version 2.*(sick|503)/s);
    expect(worldOf(home)).not.toEqual(before);

    const back = await home.run(['rollback', 'practice', '--yes']);
    expect(back.stdout).toMatch(/^Rolled back\./m);
    expect(back.code).toBe(3);
    expect(worldOf(home)).toEqual(before);
    expect(await versionsAnswering(home)).toEqual([
      ['ok', '1.0.0'],
      ['ok', '1.0.0'],
    ]);
    await stopInstances(home);
  });

  test('is rolled back on the screen with r, which changes nothing until it is confirmed', {
    timeout: 400_000,
  }, async (context) => {
    const home = newHome(context);
    const first = await home.run(['run', 'practice', '--yes', '--phase', 'prerequisites'], { environment: sick });
    expect(first.code).toBe(0);
    const before = worldOf(home);
    const program = home.open(['practice']);
    await program.waitForScreen('ROLL BACK');
    program.press('a');
    await program.waitForScreen(/Running on ended: Gate/, { withinMs: 90_000 });
    program.press(keys.enter);
    await program.waitForScreen(/yes.*no/);
    program.press('y');
    await program.waitForScreen('▸○ Open the front door');
    program.press('a');
    await program.waitForScreen(/Instance a is healthy as version 2 +failed/, { withinMs: 90_000 });
    // The value that was found is on the screen, not only that something was wrong.
    await program.waitForScreen(/sick|503/);

    const journaled = home.events('practice').length;
    program.press(`r${keys.enter}`);
    await program.waitForScreen(/Roll back · Roll out[\s\S]*Restart instance a/);
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes('Roll back · '));
    expect(home.events('practice')).toHaveLength(journaled);

    program.press('r');
    await program.waitForScreen('Roll back · Roll out');
    program.press(keys.tab);
    await program.waitForScreen((text) => text.includes('Roll back · the whole run') && !text.includes('asking'));
    program.press(keys.enter);
    await program.waitForScreen(
      (text) => {
        const claimed = text.includes('✔ Rolled back');
        const ended = home.events('practice').some((event) => event.type === 'RollbackFinished');
        if (claimed && !ended) throw new Error(`claimed too early:\n${text}`);
        return claimed;
      },
      { withinMs: 90_000 },
    );
    expect(home.events('practice').find(({ type }) => type === 'RollbackFinished')).toMatchObject({
      data: { outcome: 'rolled back' },
    });
    expect(worldOf(home)).toEqual(before);
    expect(await versionsAnswering(home)).toEqual([
      ['ok', '1.0.0'],
      ['ok', '1.0.0'],
    ]);
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes('✔ Rolled back'));
    program.press('q');
    expect(await program.exited()).toEqual({ code: 3, signal: 0 });
    await stopInstances(home);
  });
});
