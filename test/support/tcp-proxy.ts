import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';

/** A port of this machine in front of another one: a line that can be frozen and cut as networks do it. */
export type TcpProxy = {
  readonly port: number;
  /** Connections stay, and nothing comes through in either direction; what waits in the systems' buffers waits there. */
  readonly freeze: () => void;
  /** What has waited goes on its way, and all that follows. */
  readonly thaw: () => void;
  /** Ends every connection with a reset on both sides. */
  readonly reset: () => void;
  /** Bytes that have come back from the other port so far. */
  readonly receivedBytes: () => number;
  readonly close: () => Promise<void>;
};

/** Opens a {@link TcpProxy}; who opens it closes it. */
export async function openTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let received = 0;
  const pass = (from: Socket, to: Socket, count: (bytes: number) => void) => {
    sockets.add(from);
    if (isFrozen) from.pause();
    from.on('data', (bytes) => {
      count(bytes.length);
      // Memory of this process is no line: what the other side does not take stays with the sender.
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => void (isFrozen || from.resume()));
    from.on('error', () => undefined);
    from.once('end', () => to.end());
    from.once('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = createConnection({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    pass(client, target, () => undefined);
    pass(target, client, (bytes) => {
      received += bytes;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  return {
    port: address.port,
    freeze: () => {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
    },
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    receivedBytes: () => received,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
