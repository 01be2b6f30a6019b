import process from 'node:process';
import { executeAttempt } from './attempt.ts';

/** Exit statuses of a runner: 0 the attempt was executed, 2 it could not be started, 3 its start was not to be had. */
const COULD_NOT_START = 2;
const NOT_OURS = 3;

const folder = process.argv[2];
// The terminal it was started from may close: it goes on.
process.on('SIGHUP', () => undefined);
const terminations: (() => void)[] = [];
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    for (const terminate of terminations) terminate();
  });
}

try {
  if (folder === undefined) throw new Error('usage: runner <attempt folder>');
  const isExecuted = await executeAttempt({
    folder,
    stdin: process.stdin,
    environment: process.env,
    onTerminate: (callback) => terminations.push(callback),
  });
  // Nothing is awaited any more; what outlived the command may still hold a handle open.
  process.exit(isExecuted ? 0 : NOT_OURS);
} catch (error) {
  const message = `${error instanceof Error ? error.message : String(error)}\n`;
  // A full disk takes no complaint; the screen that started this may still listen, or be gone.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined).write(message);
  process.exit(COULD_NOT_START);
}
