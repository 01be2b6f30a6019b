import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MeasuredAttempt, watchProcesses } from '../../src/adapters/process-usage.ts';
import type { Feed, Usage, UsageNews } from '../../src/live/system.ts';
import { type AttemptLab, attemptLab } from '../support/attempt.ts';
import { waitFor } from '../support/wait-for.ts';

let lab: AttemptLab;
let feed: Feed | undefined;
let news: UsageNews[] = [];

beforeEach(() => {
  lab = attemptLab();
  news = [];
});

afterEach(async () => {
  feed?.close();
  await lab.dispose();
});

function watch(attempts: () => readonly MeasuredAttempt[]): void {
  feed = watchProcesses({ attempts, everyMs: 300, tell: (one) => news.push(one) });
}

async function started(number: number, script: string): Promise<MeasuredAttempt> {
  const attempt = await lab.start(
    lab.spec({ kind: 'command', argv: ['sh', '-c', script], on: 'pipes' }, { graceMs: 300 }),
  );
  await attempt.until('started');
  // Which process it is is written down once it was begun; before that there is nothing to measure.
  await waitFor(() => existsSync(join(attempt.folder, 'command.json')), { what: 'its process is known' });
  return { number, title: `Step ${number}`, folder: attempt.folder };
}

function usageOf(key: string): readonly Usage[] {
  return news.flatMap((one) => (one.kind === 'usage' ? (one.usage.get(key) ?? []) : []));
}

describe('processes of attempts', () => {
  test('are listed, counted and measured while they run', async () => {
    const busy = await started(3, 'sleep 60 & sleep 60 & (while :; do :; done) & wait');
    const idle = await started(4, 'exec sleep 60');
    watch(() => [busy, idle]);
    // On a busy machine it gets nearly nothing for some of the rounds.
    const isMeasured = () => usageOf('attempt-3').some(({ cpuPercent = 0, pids }) => cpuPercent > 15 && pids === 4);
    await waitFor(() => usageOf('attempt-3').length >= 4 && isMeasured(), { withinMs: 20_000 });
    expect(news[0]).toEqual({
      kind: 'list',
      watched: [
        {
          key: 'attempt-3',
          id: expect.stringMatching(/^\d+$/),
          name: 'Step 3',
          state: 'running',
          restarts: 0,
          startedAt: expect.any(Number),
        },
        expect.objectContaining({ key: 'attempt-4', name: 'Step 4' }),
      ],
    });
    expect(news.filter(({ kind }) => kind === 'list')).toHaveLength(1);
    const last = usageOf('attempt-3').at(-1);
    expect(last).toMatchObject({ pids: 4, cpuPercent: expect.any(Number) });
    const figures = usageOf('attempt-3').map(({ cpuPercent = 0 }) => cpuPercent);
    expect(figures.reduce((sum, figure) => sum + figure, 0) / figures.length).toBeLessThan(120);
    expect(last?.memoryBytes).toBeGreaterThan(1_000_000);
    expect(usageOf('attempt-4').at(-1)).toMatchObject({ pids: 1, cpuPercent: 0 });
  });

  test('count what short-lived children used', async () => {
    const attempt = await started(1, 'while :; do sh -c "i=0; while [ \\$i -lt 3000 ]; do i=\\$((i+1)); done"; done');
    watch(() => [attempt]);
    await waitFor(() => usageOf('attempt-1').some(({ cpuPercent = 0 }) => cpuPercent > 15), { withinMs: 20_000 });
  });

  test('are gone from the list when they have ended, and nobody else’s are in it', async () => {
    const attempt = await started(1, 'exec sleep 60');
    let running = [attempt];
    watch(() => running);
    await waitFor(() => usageOf('attempt-1').length > 0);
    await lab.runners.stop(attempt.folder);
    await waitFor(() => news.some((one) => one.kind === 'list' && one.watched.length === 0));
    running = [];
    const elsewhere = lab.folder('missing');
    running = [{ number: 2, title: 'none', folder: elsewhere }];
    const before = news.length;
    const other = await started(5, 'exec sleep 60');
    running = [...running, other];
    await waitFor(() => usageOf('attempt-5').length > 0);
    expect(
      news.slice(before).every((one) => one.kind !== 'list' || one.watched.every(({ key }) => key === 'attempt-5')),
    ).toBe(true);
  });
});
