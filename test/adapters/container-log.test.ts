import { expect, test } from 'vitest';
import { followContainerLog } from '../../src/adapters/container-log.ts';
import type { DockerApi } from '../../src/adapters/docker-api.ts';
import { answerRefused } from '../../src/adapters/docker-failure.ts';
import { createGate } from '../../src/adapters/gate.ts';
import type { ListedContainer } from '../../src/adapters/listed-container.ts';
import { createReadPace } from '../../src/adapters/read-pace.ts';
import { createLineBudget } from '../../src/live/line-budget.ts';
import type { LogNews, LogStart } from '../../src/live/log-line.ts';
import { waitFor } from '../support/wait-for.ts';

const running: ListedContainer = {
  id: 'abc',
  name: 'app',
  image: 'app:1',
  state: 'running',
  restarts: 0,
  createdAt: 0,
  startedAt: 1_000,
  isTty: true,
};

/** A log over an engine that answers as it is told; time passes by itself where somebody waits for it. */
function lab(
  stream: (path: string, call: number) => DockerApi['stream'],
  options: { readonly start?: LogStart; readonly aheadMs?: number; readonly isFloodBeside?: boolean } = {},
) {
  let now = 1_795_514_400_000;
  const told: LogNews[] = [];
  const paths: string[] = [];
  const clock = {
    now: () => now,
    after: (ms: number, call: () => void) => {
      const timer = setImmediate(() => {
        now += ms;
        call();
      });
      return () => clearImmediate(timer);
    },
  };
  let broken = 0;
  const pace = createReadPace(clock.now);
  const flood = pace.reader();
  const log = followContainerLog({
    api: {
      stream: (path, reader) => {
        paths.push(path.slice(path.indexOf('timestamps=1') + 12));
        return stream(path, paths.length)(path, {
          ...reader,
          onData: (bytes) => {
            if (options.isFloodBeside === true) flood(100_000);
            return reader.onData(bytes);
          },
        });
      },
      clockOffsetMs: () => options.aheadMs ?? 0,
    },
    clock,
    gate: createGate(1),
    pace,
    budget: createLineBudget(clock.now),
    tell: (news) => told.push(news),
    id: 'abc',
    source: 'app',
    start: options.start ?? { kind: 'tail', lines: 5 },
    isReachable: () => true,
    brokeOff: () => broken++,
  });
  return { log, told, paths, clock, broken: () => broken };
}

const over = Promise.resolve({ kind: 'answered', value: undefined } as const);

test('a flood is held back, and one that lasts is leapt over up to its last lines', async () => {
  let number = 0;
  let sent = 0;
  const { log, told, paths } = lab((_, call) => async (_path, { onOpen, onData, signal }) => {
    onOpen?.();
    if (call > 1) return new Promise(() => undefined);
    while (signal?.aborted !== true) {
      const lines = Array.from({ length: 10_000 }, () => {
        const nanos = String(number++ % 1_000_000_000).padStart(9, '0');
        return `2026-11-24T10:00:00.${nanos}Z line\n`;
      });
      sent += lines.length;
      await onData(Buffer.from(lines.join('')));
    }
    return { kind: 'taken back' };
  });
  log.look(running);
  await waitFor(() => paths.length === 2, { withinMs: 20_000 });
  log.close();
  expect(paths).toEqual(['&tail=5', `&since=1795514400.${String(number).padStart(9, '0')}&tail=1000`]);
  const counted = told.reduce(
    (sum, news) => sum + (news.kind === 'lines' ? news.lines.length : news.kind === 'left out' ? news.lines : 0),
    0,
  );
  // One more stands for all that nobody read.
  expect(counted).toBe(sent + 1);
  expect(told.at(-1)).toMatchObject({ kind: 'left out', lines: 1 });
});

test('an answer that broke off is asked for again from the last line on, and the directory is told', async () => {
  const { log, told, paths, broken } = lab((_, call) => async (_path, { onOpen, onData }) => {
    onOpen?.();
    if (call > 2) return new Promise(() => undefined);
    await onData(Buffer.from(`2026-11-24T10:00:0${call}.5Z line ${call}\n2026-11-24T10:00:0${call}.6Z ha`));
    return { kind: 'failed', failure: { kind: 'broke off', why: 'Gone.', advice: 'Look.' } };
  });
  log.look(running);
  await waitFor(() => paths.length === 3);
  expect(paths).toEqual(['&tail=5', '&since=1795514401.500000001', '&since=1795514402.500000001']);
  expect(told.flatMap((news) => (news.kind === 'lines' ? news.lines : [])).map(({ text }) => text)).toEqual([
    'line 1',
    'line 2',
  ]);
  expect(broken()).toBe(2);
  log.close();
});

test('a log that can’t be had is a trouble of its source, taken back when it can', async () => {
  const { log, told, paths } = lab((_, call) => async (_path, { onOpen }) => {
    if (call === 1) return { kind: 'failed', failure: answerRefused(501, 'this driver does not support reading') };
    onOpen?.();
    return new Promise(() => undefined);
  });
  log.look(running);
  await waitFor(() => paths.length === 2);
  expect(told).toMatchObject([
    { kind: 'trouble', source: 'app', trouble: expect.stringContaining('this driver does not support reading') },
    { kind: 'trouble', source: 'app', trouble: undefined },
  ]);
  log.close();
});

test('one that has ended is read once, and again when it was started again', async () => {
  const { log, paths } = lab(() => () => over);
  log.look({ ...running, state: 'exited' });
  await waitFor(() => log.isIdle());
  log.look({ ...running, state: 'exited' });
  log.look({ ...running, state: 'exited', restarts: 1 });
  expect(paths).toHaveLength(1);
  log.look({ ...running, startedAt: 2_000 });
  expect(await waitFor(() => paths.length > 1)).toBe(true);
  log.close();
});

test('one that was removed before it was read is not asked for again', async () => {
  const { log, paths, told } = lab(
    () => () => Promise.resolve({ kind: 'failed', failure: answerRefused(404, 'No such container') }),
  );
  log.look({ ...running, state: 'exited' });
  await waitFor(() => log.isIdle());
  log.look({ ...running, state: 'removing' });
  expect(paths).toHaveLength(1);
  expect(told).toEqual([]);
  log.close();
});

test('one that writes little is neither held back nor left out beside a flood', async () => {
  let sent = 0;
  const { log, told, paths, clock } = lab(
    () =>
      async (_path, { onOpen, onData }) => {
        onOpen?.();
        const begunAt = clock.now();
        for (; sent < 200; sent++) {
          await onData(Buffer.from(`2026-11-24T10:00:00.${String(sent).padStart(9, '0')}Z line\n`));
          expect(clock.now()).toBe(begunAt);
        }
        return new Promise(() => undefined);
      },
    { isFloodBeside: true },
  );
  log.look(running);
  await waitFor(() => sent === 200);
  log.close();
  expect(paths).toHaveLength(1);
  expect(told.every(({ kind }) => kind === 'lines')).toBe(true);
});

test.each([-90_000, 90_000])('a start is asked for, and lines are told, by clocks that differ by %d ms', async (ms) => {
  const at = 1_795_514_400_000;
  const { log, told, paths } = lab(
    (_, call) =>
      async (_path, { onOpen, onData }) => {
        onOpen?.();
        if (call > 1) return new Promise(() => undefined);
        await onData(Buffer.from('2026-11-24T10:00:00.5Z line\n'));
        return { kind: 'answered', value: undefined };
      },
    { start: { kind: 'since', at }, aheadMs: ms },
  );
  log.look(running);
  await waitFor(() => paths.length === 2);
  log.close();
  // What was read is asked on from by the engine's own stamps.
  expect(paths).toEqual([`&since=${(at + ms) / 1_000}.000000000`, '&since=1795514400.500000001']);
  expect(told).toMatchObject([{ lines: [{ at: at + 500 - ms }] }]);
});

test('the trouble of one that is let go of is over', async () => {
  const { log, told } = lab(() => () => Promise.resolve({ kind: 'failed', failure: answerRefused(501, 'no reading') }));
  log.look(running);
  await waitFor(() => told.length > 0);
  log.close();
  log.close();
  expect(told.at(-1)).toEqual({ kind: 'trouble', source: 'app', trouble: undefined });
  expect(told.filter((news) => news.kind === 'trouble' && news.trouble === undefined)).toHaveLength(1);
});
