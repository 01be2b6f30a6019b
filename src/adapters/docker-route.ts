import { createConnection } from 'node:net';
import { definedVariables } from './defined-variables.ts';
import type { DockerClient } from './docker-connection.ts';
import { runGrouped } from './grouped-command.ts';

/** How the engine is reached. */
export type DockerRoute =
  /** Over its socket on this machine, which costs no process. */
  | { readonly kind: 'socket'; readonly path: string }
  /** Through the operator's `docker`, one process a connection. */
  | { readonly kind: 'client' };

const CONNECT_MS = 2_000;

/**
 * Asks the operator's `docker` where its engine is. Where that is a socket of this machine that can be connected to, it
 * is used; everything else, and every refusal, is left to `docker`, which can do more and says best what is wrong.
 */
export async function findRoute(
  { environment, cwd, timeoutMs }: DockerClient & { readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<DockerRoute> {
  const parts: Uint8Array[] = [];
  await runGrouped({
    argv: ['docker', 'context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'],
    cwd,
    env: definedVariables(environment),
    secrets: [],
    timeoutMs,
    takeOutput: (bytes) => parts.push(bytes),
    signal,
  });
  const [, path] = /^unix:\/\/(\/.*)$/m.exec(Buffer.concat(parts).toString().trim()) ?? [];
  return path !== undefined && (await canConnect(path)) ? { kind: 'socket', path } : { kind: 'client' };
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path, timeout: CONNECT_MS });
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
