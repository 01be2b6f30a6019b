import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pty from '@lydell/node-pty';
import { afterEach, describe, expect, test } from 'vitest';
import { createScreen, type Screen } from '../support/screen.ts';
import { waitFor } from '../support/wait-for.ts';

const program = new URL('../fixtures/terminal-program.ts', import.meta.url).pathname;

type Session = {
  readonly child: pty.IPty;
  readonly screen: Screen;
  readonly bytes: () => string;
  readonly exit: () => { readonly exitCode: number; readonly signal?: number | undefined } | undefined;
  readonly state: () => Record<
    'beats' | 'count' | 'longestGapMs' | 'queuedBytes' | 'rssBytes' | 'frameIntervalMs',
    number
  >;
};

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function start(columns = 80, rows = 24): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), 'terminal-'));
  const stateFile = join(folder, 'state.json');
  const child = pty.spawn(process.execPath, [program, stateFile], {
    cols: columns,
    rows,
    name: 'xterm-256color',
    cwd: folder,
  });
  const screen = createScreen(columns, rows);
  let bytes = '';
  let exit: ReturnType<Session['exit']>;
  child.onData((data) => {
    bytes += data;
    void screen.write(data);
  });
  child.onExit((how) => {
    exit = how;
  });
  cleanups.push(() => {
    if (exit === undefined) child.kill('SIGKILL');
    screen.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  await screen.write('$ program\r\n');
  // A frame ends with the end of its synchronized update.
  const isWhole = () => bytes.endsWith('\x1b[?2026l');
  await waitFor(() => isWhole() && screen.rows()[0]?.startsWith('ready'), { what: 'the whole first frame' });
  return {
    child,
    screen,
    bytes: () => bytes,
    exit: () => exit,
    state: () => JSON.parse(readFileSync(stateFile, 'utf8')),
  };
}

function expectRestored(screen: Screen): void {
  expect(screen.isAlternate()).toBe(false);
  expect(screen.modes()).toMatchObject({
    mouseTrackingMode: 'none',
    bracketedPasteMode: false,
    applicationCursorKeysMode: false,
    applicationKeypadMode: false,
    insertMode: false,
    originMode: false,
    wraparoundMode: true,
    synchronizedOutputMode: false,
  });
  expect(screen.rows()[0]).toBe('$ program');
}

describe('the terminal', () => {
  test('is taken whole, and given back as it was', async () => {
    const { child, screen, bytes, exit } = await start();
    expect(screen.isAlternate()).toBe(true);
    expect(screen.modes().bracketedPasteMode).toBe(true);
    child.write('q');
    await waitFor(exit);
    await waitFor(() => screen.rows()[1] === 'bye');
    expectRestored(screen);
    expect(bytes()).toContain('\x1b[?25h');
    expect(exit()?.exitCode).toBe(0);
  });

  test.each([
    ['an exception', 'x', 1],
    ['process.exit in the middle of things', 'e', 7],
  ])('is given back after %s', async (_, key, status) => {
    const { child, screen, exit } = await start();
    child.write(key);
    await waitFor(exit);
    await waitFor(() => !screen.isAlternate());
    expectRestored(screen);
    expect(exit()?.exitCode).toBe(status);
  });

  test('is drawn anew at its new size', async () => {
    const { child, screen } = await start();
    screen.resize(100, 30);
    child.resize(100, 30);
    // A frame may arrive in several reads: its last row is there when all of it is.
    await waitFor(() => screen.rows()[29]?.includes('0:28'));
    expect(screen.rows()[0]).toContain('100x30');
  });

  test('is drawn in full when asked to, after others wrote to it', async () => {
    const { child, screen } = await start();
    await screen.write('\x1b[5;5Hkernel: something');
    child.write('l');
    await waitFor(() => screen.rows()[4]?.startsWith('0:3 0:3'));
    expect(screen.rows()[4]).not.toContain('kernel');
  });

  test('costs no byte while nothing changes', async () => {
    const { state, bytes } = await start();
    const { beats } = state();
    const before = bytes().length;
    await waitFor(() => state().beats > beats + 20);
    expect(bytes().length).toBe(before);
  });

  test('comes back from a command that left every mode set, in the middle of a sequence', async () => {
    const { child, screen, bytes } = await start();
    child.write('h');
    await waitFor(() => screen.modes().mouseTrackingMode !== 'none');
    child.write('t');
    // A frame may arrive in several reads.
    await waitFor(() => screen.rows()[0]?.startsWith('back') && bytes().endsWith('\x1b[?2026l'));
    expect(screen.modes()).toMatchObject({
      mouseTrackingMode: 'none',
      applicationCursorKeysMode: false,
      insertMode: false,
      bracketedPasteMode: true,
    });
    expect(screen.rows()[10]).toContain('0:9 0:9');
    child.write('q');
    await waitFor(() => !screen.isAlternate() && screen.rows().includes('bye'));
    expectRestored(screen);
  });

  test('is left while the program is stopped, and taken again when it goes on', async () => {
    const { child, screen } = await start();
    child.write('z');
    await waitFor(() => !screen.isAlternate());
    await waitFor(() => readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.startsWith('T'));
    process.kill(child.pid, 'SIGCONT');
    await waitFor(() => screen.isAlternate() && screen.rows()[0]?.startsWith('continued'));
    child.write('k');
    await waitFor(() => screen.rows()[0]?.includes('key "k"'));
  });
});

describe('a frozen line', () => {
  test('does not block the program, costs no memory, and shows the newest frame when it thaws', async () => {
    const { child, screen, state } = await start(200, 50);
    child.write('f');
    await waitFor(() => state().count > 100);
    child.pause();
    // The kernel's buffer fills first; from then on nothing can be written.
    await waitFor(() => state().queuedBytes > 0);
    const { beats, rssBytes, count } = state();
    await waitFor(() => state().beats > beats + 100);
    const later = state();
    expect(later.count).toBeGreaterThan(count);
    // A write that blocks would block until the line thaws; a busy machine halts it for a while as well.
    expect(later.longestGapMs).toBeLessThan(5_000);
    expect(later.queuedBytes).toBeLessThan(100_000);
    expect(later.rssBytes - rssBytes).toBeLessThan(60_000_000);
    child.kill('SIGUSR2');
    child.resume();
    await waitFor(() => screen.rows()[0]?.startsWith('flood over'));
    await waitFor(() => screen.rows()[49]?.startsWith(`${state().count}:48 `));
    expect(screen.rows()[1]).toMatch(new RegExp(`^${state().count}:0 `));
    expect(state().frameIntervalMs).toBeGreaterThan(33);
    child.write('q');
    await waitFor(() => !screen.isAlternate());
    expectRestored(screen);
  });

  test('does not keep a program from ending', async () => {
    const { child, state, exit } = await start(200, 50);
    child.write('f');
    await waitFor(() => state().count > 50);
    child.pause();
    await waitFor(() => state().queuedBytes > 0);
    child.write('e');
    await waitFor(() => {
      try {
        process.kill(child.pid, 0);
        return readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z');
      } catch {
        return true;
      }
    });
    child.resume();
    await waitFor(exit);
  });
});

describe('keys and pastes over a real terminal', () => {
  test('a paste is one thing, never keys', async () => {
    const { child, screen } = await start();
    child.write('\x1b[200~q\nx\x1b[201~');
    await waitFor(() => screen.rows()[0]?.startsWith('pasted'));
    expect(screen.rows()[0]).toContain('pasted "q\\nx"');
  });
});
