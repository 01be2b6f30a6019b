import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { waitFor } from './wait-for.ts';

const SSHD = '/usr/sbin/sshd';

/** An ssh server of its own on the loopback of this machine, with keys, port and configuration of its own. */
export type SshServer = {
  readonly port: number;
  /** The command that runs a shell command on a terminal over ssh; `port`: of a proxy before the server. */
  readonly client: (command: string, port?: number) => readonly [string, ...string[]];
  /** Kills every process of the server between a program that was logged in for and the listener, as an oom killer does. */
  readonly killSessionOf: (pid: number) => void;
  readonly stop: () => Promise<void>;
};

/** Why there can be no {@link SshServer} here; undefined: there can. */
export function sshIsMissing(): string | undefined {
  if (process.platform === 'linux' && existsSync(SSHD)) return undefined;
  return `wants ${SSHD} on Linux: apt-get install openssh-server`;
}

/** Starts an {@link SshServer} that lets in the user of this process; who starts it stops it. */
export async function startSshServer(): Promise<SshServer> {
  const folder = mkdtempSync('/tmp/rb-sshd-');
  const at = (name: string) => join(folder, name);
  for (const name of ['host', 'user']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
  const port = await freePort();
  writeFileSync(at('authorized'), readFileSync(at('user.pub')), { mode: 0o600 });
  writeFileSync(at('config'), configuration(at, port));
  // The folder sshd locks its unprivileged half into is compiled into it; a service's start makes it.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const server = spawn(SSHD, ['-D', '-e', '-f', at('config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  server.stderr.on('data', (bytes: Buffer) => {
    complaints = `${complaints}${bytes.toString()}`.slice(-10_000);
  });
  const stop = async () => {
    server.kill('SIGKILL');
    await waitFor(() => server.exitCode !== null || server.signalCode !== null);
    rmSync(folder, { recursive: true, force: true });
  };
  await waitFor(() => answersOn(port), { what: 'sshd answers' }).catch(async (error: Error) => {
    await stop();
    throw new Error(`${error.message}: ${complaints}`);
  });
  return {
    port,
    client: (command, clientPort = port) => [
      'ssh',
      ...['-F', 'none', '-tt', '-p', String(clientPort), '-i', at('user')],
      ...[
        'IdentitiesOnly=yes',
        'StrictHostKeyChecking=no',
        `UserKnownHostsFile=${at('known')}`,
        'LogLevel=ERROR',
      ].flatMap((option) => ['-o', option]),
      ...['-o', 'EscapeChar=none', `${userInfo().username}@127.0.0.1`, command],
    ],
    killSessionOf: (pid) => {
      const session: number[] = [];
      for (let one = parentOf(pid); one > 1 && one !== server.pid; one = parentOf(one)) session.push(one);
      if (session.length === 0) throw new Error(`process ${pid} is nobody's session; sshd said: ${complaints}`);
      for (const one of session) process.kill(one, 'SIGKILL');
    },
    stop,
  };
}

function configuration(at: (name: string) => string, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized')}`,
    `PidFile none`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    // Its keys lie in a temporary folder, which others may write to as well.
    'StrictModes no',
    'PrintMotd no',
    'PrintLastLog no',
    'X11Forwarding no',
    '',
  ].join('\n');
}

function parentOf(pid: number): number {
  // The name before it may have blanks and parentheses of its own.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function answersOn(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
