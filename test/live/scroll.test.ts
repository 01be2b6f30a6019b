import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Scroll, type ScrollMove, scrolled, topLine } from '../../src/live/scroll.ts';

const following: Scroll = { kind: 'following' };
const extent = { lines: 100, rows: 10 };

describe('scrolling', () => {
  test.each([
    [following, 'lineUp', { kind: 'paused', top: 89 }],
    [following, 'pageUp', { kind: 'paused', top: 81 }],
    [following, 'home', { kind: 'paused', top: 0 }],
    [following, 'end', following],
    [following, 'lineDown', following],
    [following, 'pageDown', following],
    [{ kind: 'paused', top: 50 }, 'lineDown', { kind: 'paused', top: 51 }],
    [{ kind: 'paused', top: 50 }, 'pageDown', { kind: 'paused', top: 59 }],
    [{ kind: 'paused', top: 3 }, 'pageUp', { kind: 'paused', top: 0 }],
    [{ kind: 'paused', top: 85 }, 'pageDown', { kind: 'paused', top: 90 }],
    [{ kind: 'paused', top: 90 }, 'end', following],
  ] as const)('%j %s', (before, move, after) => {
    expect(scrolled(before, move, extent)).toEqual(after);
  });

  test('upwards changes nothing where everything fits', () => {
    expect(scrolled(following, 'pageUp', { lines: 5, rows: 10 })).toBe(following);
  });

  test('never shows lines that are not there, and only end follows again', () => {
    const moves = fc.array(fc.constantFrom<ScrollMove>('lineUp', 'lineDown', 'pageUp', 'pageDown', 'home', 'end'));
    fc.assert(
      fc.property(moves, fc.nat(200), fc.integer({ min: 1, max: 60 }), (list, lines, rows) => {
        let scroll: Scroll = following;
        for (const move of list) {
          const next = scrolled(scroll, move, { lines, rows });
          if (scroll.kind === 'paused' && move !== 'end') expect(next.kind).toBe('paused');
          scroll = next;
          const top = topLine(scroll, { lines, rows });
          expect(top).toBeGreaterThanOrEqual(0);
          expect(top).toBeLessThanOrEqual(Math.max(0, lines - rows));
        }
      }),
    );
  });
});
