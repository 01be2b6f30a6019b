import { connect } from 'node:net';
import { deadline } from '../adapters/deadline.ts';
import { networkError } from './network-error.ts';
import { type Answer, seconds } from './probe.ts';
import type { ResolvedProbe } from './spec.ts';

/** Asks whether something accepts connections on a port. */
export function askTcp(probe: Extract<ResolvedProbe, { kind: 'tcp' }>, signal: AbortSignal): Promise<Answer> {
  const where = `${probe.host}:${probe.port}`;
  return new Promise((resolve) => {
    const socket = connect({ host: probe.host, port: probe.port, signal });
    const cancelDeadline = deadline(probe.timeoutMs, () =>
      answer({ held: false, found: `no connection to ${where} within ${seconds(probe.timeoutMs)}` }),
    );
    const answer = (value: Answer) => {
      cancelDeadline();
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => answer({ held: true, found: `${where} accepts connections` }));
    socket.on('error', (error) => {
      answer({ held: false, found: signal.aborted ? 'was stopped' : networkError(error, where) });
    });
  });
}
