import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { poll } from '../../src/runner/poll.ts';
import type { Answer, Asker } from '../../src/runner/probe.ts';
import { runWatch } from '../../src/runner/run-watch.ts';
import type { Observation, Work } from '../../src/runner/spec.ts';
import type { HaltReason } from '../../src/runner/stop.ts';
import type { WorkContext } from '../../src/runner/work.ts';
import { underDamage } from '../support/damage.ts';
import { heapBytes } from '../support/heap-bytes.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const well: Answer = { held: true, found: 'well' };
const ill: Answer = { held: false, found: 'ill' };

type Watch = Extract<Work, { kind: 'watch' }>;
const hourly: Watch = {
  kind: 'watch',
  probe: { kind: 'command', argv: ['true'], timeoutMs: 10 * SECOND },
  everyMs: MINUTE,
  forMs: HOUR,
  maxFailures: 3,
};

type Lab = { readonly clock: ManualClock; readonly asked: number[]; readonly stop: () => void };

/** Runs a whole watch on a manual clock; `answer` is what each asking does. Resolves with what it left. */
async function watched(
  work: Watch,
  answer: (asking: number, lab: Lab) => Answer,
  options: { readonly keepLines?: boolean } = {},
) {
  // Each observation is synced, which on a disk takes longer than all else.
  const folder = mkdtempSync(`${existsSync('/dev/shm') ? '/dev/shm' : '/tmp'}/rb-watch-`);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = createManualClock();
  const halt = new AbortController();
  const asked: number[] = [];
  let askings = 0;
  const stop = () => halt.abort({ kind: 'stopped' } satisfies HaltReason);
  const asker: Asker = {
    clock,
    ask: () => {
      if (options.keepLines !== false) asked.push(clock.monotonicMs());
      askings += 1;
      return Promise.resolve(answer(askings, { clock, asked, stop }));
    },
  };
  const notices: string[] = [];
  const context = {
    folder,
    spec: { cwd: '/' },
    env: {},
    secrets: [],
    halt: halt.signal,
    output: { line: () => undefined },
    notice: (text: string) => notices.push(text),
  } as unknown as WorkContext;
  let ended: Awaited<ReturnType<typeof runWatch>> | undefined;
  void runWatch(work, context, asker).then((end) => {
    ended = end;
  });
  while (ended === undefined) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.next();
  }
  const path = join(folder, 'observations.ndjson');
  const observations = (): readonly Observation[] =>
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Observation);
  return { ...ended, asked, askings, clock, notices, observations, bytes: statSync(path).size };
}

const count = (all: readonly Observation[], outcome: Observation['outcome']) =>
  all.filter((one) => one.outcome === outcome).length;

test('an hour keeps its schedule to the millisecond, however long each asking takes', async (context) => {
  const damage = underDamage(context, 'slow checks', 'No screen 5');
  for (const tookMs of [0, 7, 1_234, 30 * SECOND]) {
    damage.tried();
    const slow = { ...hourly, probe: { ...hourly.probe, timeoutMs: MINUTE } };
    const { asked, observations } = await watched(slow, (_, { clock }) => {
      clock.pass(tookMs);
      return well;
    });
    expect(asked).toEqual(Array.from({ length: 60 }, (__, index) => index * MINUTE));
    expect(count(observations(), 'held')).toBe(60);
    damage.held();
  }
  damage.tried();
  // One that takes longer than the pause is asked again at once, not twice to catch up.
  const { asked, observations } = await watched(
    { ...hourly, probe: { ...hourly.probe, timeoutMs: 5 * MINUTE } },
    (_, { clock }) => {
      clock.pass(2.5 * MINUTE);
      return well;
    },
  );
  expect(asked).toEqual(Array.from({ length: 24 }, (__, index) => index * 2.5 * MINUTE));
  expect(count(observations(), 'not observed')).toBe(0);
  damage.held();
});

test('the machine asleep, at any place: the time is a gap, never good, and is watched after all', async (context) => {
  const damage = underDamage(context, 'the machine asleep, wherever it catches the watch', 'No screen 5');
  for (const monotonicToo of [false, true]) {
    for (const at of [1, 2, 30, 60]) {
      for (const sleptMs of [11 * SECOND + 12_500, 2 * MINUTE, DAY]) {
        damage.tried();
        // It falls asleep while the check is being asked.
        const asking = await watched(hourly, (number, { clock }) => {
          if (number === at) clock.fallAsleep(sleptMs, monotonicToo);
          return well;
        });
        judge(asking, sleptMs, 12_500);
        damage.held();
        damage.tried();
        // It falls asleep between two askings, as the timer stands.
        const between = await watched(hourly, (number, { clock }) => {
          if (number === at) clock.timer(20 * SECOND, () => clock.fallAsleep(sleptMs, monotonicToo));
          return well;
        });
        judge(between, sleptMs, MINUTE);
        damage.held();
      }
    }
  }
});

/** All but what a check may last, or the pause still had to last, is told; a whole hour was watched. */
function judge(of: Awaited<ReturnType<typeof watched>>, sleptMs: number, unseenMs: number): void {
  const gaps = of.observations().flatMap(({ gapMs }) => (gapMs === undefined ? [] : [gapMs]));
  const gapMs = gaps.reduce((sum, one) => sum + one, 0);
  expect(gaps.length).toBeLessThanOrEqual(1);
  if (sleptMs > unseenMs + 10 * SECOND) expect(gaps).toHaveLength(1);
  expect(gapMs).toBeLessThanOrEqual(sleptMs);
  if (gaps.length === 1) expect(gapMs).toBeGreaterThanOrEqual(sleptMs - unseenMs);
  if (gapMs > 0) expect(of.ending).toMatchObject({ kind: 'done', found: expect.stringContaining('not observed') });
  expect(count(of.observations(), 'held')).toBeGreaterThanOrEqual(59);
}

test('a clock set back is no gap and keeps the schedule; one set forward is shown as one, never as good', async (context) => {
  const damage = underDamage(context, 'the clock set back and forward', 'No screen 5');
  damage.tried();
  const back = await watched(hourly, (number, { clock }) => {
    if (number === 30) clock.set(-DAY);
    return well;
  });
  expect([count(back.observations(), 'not observed'), back.asked.length]).toEqual([0, 60]);
  damage.held();
  damage.tried();
  const forward = await watched(hourly, (number, { clock }) => {
    if (number === 30) clock.set(DAY);
    return well;
  });
  expect(count(forward.observations(), 'not observed')).toBe(1);
  expect(forward.asked).toHaveLength(60);
  damage.held();
});

test('a check that hangs is a failure at its deadline, also where its processes take long to end', async (context) => {
  const damage = underDamage(context, 'checks that hang', 'No screen 5');
  for (const [everyMs, endingMs] of [
    [SECOND, 0],
    [SECOND, 2_200],
    [MINUTE, 2_200],
  ] as const) {
    damage.tried();
    const { ending, asked, observations } = await watched({ ...hourly, everyMs }, (_, { clock }) => {
      clock.pass(hourly.probe.timeoutMs + endingMs);
      return { held: false, found: 'no end within 10 s' };
    });
    expect(ending).toMatchObject({ kind: 'not met' });
    expect([asked.length, count(observations(), 'did not hold')]).toEqual([3, 3]);
    damage.held();
  }
});

test('failures count wherever they fall, across gaps too, and the last one ends the watch', async (context) => {
  const damage = underDamage(context, 'failures among good answers and gaps', 'No screen 5');
  for (const [maxFailures, failing, endsAt] of [
    [3, [1, 2, 3], 3],
    [3, [5, 30, 55], 55],
    [0, [7], 7],
    [1, [60], 60],
    [3, [10, 20], undefined],
  ] as const) {
    damage.tried();
    const { ending, askings } = await watched({ ...hourly, maxFailures }, (number, { clock }) => {
      if (number === 15) clock.fallAsleep(DAY, false);
      return failing.some((one) => one === number) ? ill : well;
    });
    expect(ending.kind).toBe(endsAt === undefined ? 'done' : 'not met');
    expect(askings).toBe(endsAt ?? 60);
    damage.held();
  }
});

test('stopped in an asking or between two: it ends at once, and no timer is left', async (context) => {
  const damage = underDamage(context, 'stopped within and between askings', 'Steps 4');
  for (const isBetween of [false, true]) {
    damage.tried();
    const { ending, askings, clock } = await watched(hourly, (number, { clock: time, stop }) => {
      if (number === 10 && isBetween) time.timer(SECOND, stop);
      else if (number === 10) stop();
      return well;
    });
    expect(ending).toEqual({ kind: 'stopped', signal: 'SIGINT' });
    expect([askings, clock.timers()]).toEqual([10, 0]);
    damage.held();
  }
});

test('a day of one long answer a second: the heap stays flat and the list is bounded', async (context) => {
  underDamage(context, 'a schedule of days, one answer a second', 'No screen 5', 'Output');
  const found = 'exit status 0: '.padEnd(1_000, 'x');
  let before = 0;
  const work = { ...hourly, everyMs: SECOND, forMs: DAY };
  const day = await watched(
    work,
    (number, { clock }) => {
      if (number === 20_000) before = heapBytes();
      if (number === 80_000) expect(heapBytes() - before).toBeLessThan(2 * 1024 * 1024);
      if (number === 50_000) clock.fallAsleep(HOUR, false);
      return number === 60_000 ? { held: false, found } : { held: true, found };
    },
    { keepLines: false },
  );
  expect(day.askings).toBe(86_400);
  expect(day.ending).toMatchObject({ kind: 'done', found: 'held 86399 times, failed 1 times, 3600 s not observed' });
  expect(day.bytes).toBeLessThan(17 * 1024 * 1024);
  // What is not as all the others is listed, also where the list is long.
  expect([count(day.observations(), 'did not hold'), count(day.observations(), 'not observed')]).toEqual([1, 1]);
  expect(day.notices).toEqual([expect.stringMatching(/^\d+ observations are counted, but not listed/)]);
});

test('a check polled on the same clock ends with its time and never asks beyond it', async (context) => {
  const damage = underDamage(context, 'a poll whose checks are slow, hang or hold at last', 'Steps 1');
  for (const [tookMs, holdsAt, asked] of [
    // The last one is cut short by the end of the time and says nothing.
    [0, undefined, 60],
    [900, undefined, 60],
    [0, 30, 30],
    [700, 60, 60],
  ] as const) {
    damage.tried();
    const clock = createManualClock();
    let askings = 0;
    const asker: Asker = {
      clock,
      ask: () => {
        askings += 1;
        clock.pass(tookMs);
        return Promise.resolve(askings === holdsAt ? well : ill);
      },
    };
    let polled: Awaited<ReturnType<typeof poll>> | undefined;
    const wanted = { probe: { ...hourly.probe, timeoutMs: SECOND }, withinMs: MINUTE, everyMs: SECOND };
    const surroundings = { cwd: '/', env: {}, secrets: [], signal: new AbortController().signal };
    void poll(wanted, surroundings, () => undefined, asker).then((end) => {
      polled = end;
    });
    while (polled === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.next();
    }
    expect(polled).toMatchObject({ held: holdsAt !== undefined, asked });
    expect(clock.monotonicMs()).toBeLessThanOrEqual(MINUTE + tookMs);
    damage.held();
  }
});
