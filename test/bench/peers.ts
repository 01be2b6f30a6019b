import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pty from '@lydell/node-pty';
import { waitFor } from '../support/wait-for.ts';
import { cpuMs } from './process-cost.ts';
import { type PtySession, startOnPty } from './pty-session.ts';

/** A peer in a pseudo-terminal. */
export type Peer = {
  readonly session: PtySession /** Asked once it runs. */;
  readonly screenPid: () => number;
  readonly dispose: () => Promise<void>;
};

/** The least a Node program can do: it clears the screen, says that it is there, and echoes keys. */
export function startBareNode(): Peer {
  const script = `process.stdin.setRawMode(true); process.stdout.write('\\x1b[2Jhere');
    process.stdin.on('data', (key) => process.stdout.write('<' + key + '>'))`;
  const session = startOnPty([process.execPath, '-e', script], { cwd: '/', env: process.env });
  return { session, screenPid: () => session.pid, dispose: session.end };
}

/** Whether tmux is there. */
export function hasTmux(): boolean {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** tmux with nobody's configuration and a server of its own, running a command in its one pane. */
export function startTmux(command: string): Peer {
  const home = mkdtempSync('/tmp/runbook-bench-');
  const socket = join(home, 'tmux');
  const { TMUX: _, ...environment } = process.env;
  const session = startOnPty(['tmux', '-S', socket, '-f', '/dev/null', 'new-session', command], {
    cwd: '/',
    env: { ...environment, LANG: environment.LANG ?? 'C.UTF-8' },
  });
  return {
    session,
    screenPid: () => Number(execFileSync('tmux', ['-S', socket, 'display', '-p', '#{pid}'], { encoding: 'utf8' })),
    dispose: async () => {
      // Its server is a process of its own, which may still be starting.
      await waitFor(() => hasEnded(socket), { withinMs: 5_000, what: 'tmux ends' });
      await session.end();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function hasEnded(socket: string): boolean {
  try {
    execFileSync('tmux', ['-S', socket, 'kill-server'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** How long a command takes that prints into a pseudo-terminal whose reader throws everything away: what the machine allows. */
export function timeOfBarePty(script: string): Promise<{ readonly durationMs: number; readonly bytes: number }> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let bytes = 0;
    const child = pty.spawn('bash', ['-c', script], { cols: 160, rows: 48, encoding: null });
    child.onData((data) => {
      bytes += (data as unknown as Buffer).length;
    });
    child.onExit(() => resolve({ durationMs: performance.now() - startedAt, bytes }));
  });
}

/** The same into `cat`, over a pipe. */
export function timeOfBarePipe(script: string): number {
  const startedAt = performance.now();
  execFileSync('bash', ['-c', `${script} | cat > /dev/null`]);
  return performance.now() - startedAt;
}

/** CPU in percent of a core, and bytes to the terminal, over a time. */
export async function costOver(
  session: PtySession,
  pid: number,
  overMs: number,
): Promise<{ readonly cpuPercent: number; readonly bytesPerSecond: number }> {
  const [cpu, bytes, startedAt] = [cpuMs(pid), session.bytes(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, overMs));
  const elapsedMs = performance.now() - startedAt;
  return {
    cpuPercent: ((cpuMs(pid) - cpu) / elapsedMs) * 100,
    bytesPerSecond: ((session.bytes() - bytes) / elapsedMs) * 1000,
  };
}
