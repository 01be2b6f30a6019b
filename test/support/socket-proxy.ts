import { rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** A unix socket in front of another one, with a line that can be cut and frozen. */
export type SocketProxy = {
  readonly path: string;
  /** Connections made so far. */
  readonly connections: () => number;
  /** Ends every connection and takes the socket away, as an engine does that is killed. */
  readonly cut: () => Promise<void>;
  /** Connections stay and are accepted, and nothing comes through any more. */
  readonly freeze: () => void;
  /** All is well again. */
  readonly restore: () => Promise<void>;
};

/** Opens a {@link SocketProxy}; who opens it cuts it. */
export async function openSocketProxy(path: string, target: string): Promise<SocketProxy> {
  const ends = new Set<Socket>();
  let isFrozen = false;
  let made = 0;
  let server: Server | undefined;
  const join = (from: Socket, to: Socket) => {
    ends.add(from);
    from.on('data', (bytes) => void (isFrozen || to.write(bytes)));
    from.on('error', () => undefined);
    from.once('end', () => to.end());
    from.once('close', () => {
      ends.delete(from);
      to.destroy();
    });
  };
  const listen = async () => {
    rmSync(path, { force: true });
    const opened = createServer({ allowHalfOpen: true }, (client) => {
      made += 1;
      const engine = createConnection({ path: target, allowHalfOpen: true });
      join(client, engine);
      join(engine, client);
    });
    server = opened;
    await new Promise<void>((resolve) => opened.listen(path, resolve));
  };
  await listen();
  return {
    path,
    connections: () => made,
    async cut() {
      const closed = new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
      for (const end of ends) end.destroy();
      await closed;
      server = undefined;
    },
    freeze: () => {
      isFrozen = true;
    },
    async restore() {
      isFrozen = false;
      if (server === undefined) await listen();
    },
  };
}
