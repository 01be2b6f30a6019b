import { describe, expect, test } from 'vitest';
import { type ClockTimers, createFrameClock } from '../../src/adapters/frame-clock.ts';

/** Time that only passes when told to. */
function manualTimers() {
  let now = 1000;
  let timers: { readonly at: number; readonly callback: () => void }[] = [];
  const soon: (() => void)[] = [];
  const runSoon = (): void => {
    for (const callback of soon.splice(0)) callback();
  };
  const timersForClock: ClockTimers = {
    now: () => now,
    after: (delayMs, callback) => {
      const timer = { at: now + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    soon: (callback) => soon.push(callback),
  };
  return {
    timers: timersForClock,
    runSoon,
    pending: () => timers.length,
    pass: (ms: number) => {
      const end = now + ms;
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        now = next.at;
        timers = timers.filter((timer) => timer !== next);
        next.callback();
        runSoon();
      }
      now = end;
    },
  };
}

function start(frameIntervalMs = 40) {
  const time = manualTimers();
  let drawn = 0;
  const clock = createFrameClock({ draw: () => drawn++, frameIntervalMs: () => frameIntervalMs, timers: time.timers });
  return { ...time, clock, drawn: () => drawn };
}

describe('the frame clock', () => {
  test('draws a key at once, and many requests of one event only once', () => {
    const { clock, runSoon, drawn } = start();
    clock.requestFrame('key');
    clock.requestFrame('key');
    expect(drawn()).toBe(0);
    runSoon();
    expect(drawn()).toBe(1);
  });

  test('draws a flood no more often than allowed', () => {
    const { clock, pass, drawn } = start();
    for (let ms = 0; ms < 400; ms++) {
      clock.requestFrame('output');
      pass(1);
    }
    expect(drawn()).toBeGreaterThan(8);
    expect(drawn()).toBeLessThanOrEqual(11);
  });

  test('a frame for a key brings the waiting output along', () => {
    const { clock, pass, runSoon, drawn, pending } = start();
    clock.requestFrame('output');
    pass(1);
    clock.requestFrame('output');
    clock.requestFrame('key');
    runSoon();
    expect(drawn()).toBe(2);
    expect(pending()).toBe(0);
  });

  test('sleeps when nothing is due', () => {
    const { clock, pass, drawn, pending } = start();
    expect(pending()).toBe(0);
    clock.requestFrame('output');
    pass(100);
    expect(drawn()).toBe(1);
    expect(pending()).toBe(0);
  });

  test('ticks at its interval, never twice for a time that was missed', () => {
    const { clock, pass, pending } = start();
    let ticks = 0;
    const stop = clock.every(100, () => ticks++);
    pass(1000);
    expect(ticks).toBe(10);
    stop();
    pass(1000);
    expect(ticks).toBe(10);
    expect(pending()).toBe(0);
  });

  test('a tick may ask for a frame, and may stop itself', () => {
    const { clock, pass, drawn } = start();
    const stop = clock.every(100, () => {
      clock.requestFrame('output');
      stop();
    });
    pass(300);
    expect(drawn()).toBe(1);
  });

  test('does nothing once it is stopped', () => {
    const { clock, pass, runSoon, drawn, pending } = start();
    clock.every(10, () => clock.requestFrame('key'));
    clock.requestFrame('key');
    clock.stop();
    clock.requestFrame('output');
    runSoon();
    pass(100);
    expect(drawn()).toBe(0);
    expect(pending()).toBe(0);
  });
});
