import { Agent, type AgentOptions, type ClientRequest, type RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { type DockerClient, type DockerConnection, openDockerConnection } from './docker-connection.ts';
import { clientMissing, type DockerFailure, failureOfClient } from './docker-failure.ts';
import { findRoute } from './docker-route.ts';

/** A way to ask the engine. */
export type DockerWay = {
  /** Over the engine's own socket. */
  readonly isDirect: boolean;
  /** What a request needs to take it; `keeps`: its connection is kept for the next one. */
  readonly connecting: (keeps: boolean) => Pick<RequestOptions, 'agent' | 'socketPath'>;
  /** Why a request's connection is over; it is ended where it still stands. */
  readonly whyOver: (asked: ClientRequest) => Promise<DockerFailure>;
};

/** The ways to the engine, one at a time. */
export type DockerWays = {
  /** The way that is taken; it is looked for where there is none. Never rejects. */
  readonly find: () => Promise<DockerWay>;
  /** This one led nowhere: the next is looked for. */
  readonly giveUp: (way: DockerWay) => void;
  /** How many requests a way takes at a time. */
  readonly atOnce: () => number;
  /** Ends every connection. */
  readonly close: () => void;
};

/** More would be more processes of the client, 20–30 MB each. */
const CLIENT_CONNECTIONS = 2;
/** Older engines, 20.10 among them, tell what a container uses once a second: who wants to know asks for all at a time. */
const SOCKET_CONNECTIONS = 64;

/**
 * @param timeoutMs how long `docker` has to say where the engine is.
 * @param signal ends the looking for a way.
 */
export function createDockerWays(
  client: DockerClient & { readonly timeoutMs: number },
  signal: AbortSignal,
): DockerWays {
  const connections = createClientConnections(client);
  const direct = new Agent({ keepAlive: true, maxSockets: SOCKET_CONNECTIONS });
  const kept = connections.agent({ keepAlive: true, maxSockets: CLIENT_CONNECTIONS });
  let finding: Promise<DockerWay> | undefined;
  let found: DockerWay | undefined;

  const overClient = (): DockerWay => ({
    isDirect: false,
    connecting: (keeps) => ({ agent: keeps ? kept : connections.agent({ keepAlive: false }) }),
    whyOver: connections.whyOver,
  });
  const overSocket = (socketPath: string): DockerWay => ({
    isDirect: true,
    connecting: (keeps) => ({ socketPath, agent: keeps ? direct : false }),
    whyOver: () => Promise.resolve(failureOfClient('', process.platform)),
  });
  const look = async () => {
    try {
      const route = await findRoute(client, signal);
      found = route.kind === 'socket' ? overSocket(route.path) : overClient();
    } catch {
      // It says best what is wrong; the next question looks for a way anew.
      found = overClient();
      finding = undefined;
    }
    return found;
  };
  return {
    find() {
      finding ??= look();
      return finding;
    },
    giveUp(way) {
      if (way === found) finding = undefined;
    },
    atOnce: () => (found?.isDirect === true ? SOCKET_CONNECTIONS : CLIENT_CONNECTIONS),
    close() {
      direct.destroy();
      connections.kill();
    },
  };
}

function createClientConnections(client: DockerClient) {
  const open = new Set<DockerConnection>();
  const bySocket = new WeakMap<Duplex, DockerConnection>();
  const connect = () => {
    const connection = openDockerConnection(client);
    open.add(connection);
    bySocket.set(connection.socket, connection);
    void connection.over.then(() => open.delete(connection));
    return connection.socket;
  };
  return {
    agent(options: AgentOptions): Agent {
      const agent = new Agent(options);
      agent.createConnection = connect;
      return agent;
    },
    kill: () => {
      for (const { kill } of open) kill();
    },
    whyOver: async (asked: ClientRequest): Promise<DockerFailure> => {
      const connection = asked.socket === null ? undefined : bySocket.get(asked.socket);
      connection?.socket.destroy();
      const end = await connection?.over;
      return end?.kind === 'could not start'
        ? clientMissing(end.why)
        : failureOfClient(end?.words ?? '', process.platform);
    },
  };
}
