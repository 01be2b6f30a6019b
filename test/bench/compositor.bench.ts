// What a frame costs in CPU and in bytes: node test/bench/compositor.bench.ts
import { parseAnsiFrame } from '../../src/live/ansi-row.ts';
import type { Grid } from '../../src/live/cells.ts';
import { compose, diff } from '../../src/live/compositor.ts';
import { createEmulator } from '../../src/live/emulator.ts';

const rounds = 200;

function medianMs(work: (round: number) => void): number {
  for (let round = 0; round < rounds; round++) work(round);
  const times = Array.from({ length: rounds }, (_, round) => {
    const startedAt = performance.now();
    work(round);
    return performance.now() - startedAt;
  });
  return times.sort((a, b) => a - b)[rounds / 2] ?? Number.NaN;
}

for (const [columns, rows] of [
  [80, 24],
  [120, 40],
  [160, 48],
  [200, 50],
] as const) {
  const frame = (selected: number): string =>
    Array.from({ length: rows }, (_, y) => {
      const text = ` ✔ \x1b[32mRestart worker ${y}\x1b[39m`.padEnd(columns / 2);
      return `│${y === selected ? `\x1b[7m${text}\x1b[27m` : text}│`;
    }).join('\n');
  const emulator = createEmulator({ columns: columns / 2, rows: rows - 4, scrollbackLines: 1000 });
  const log = Array.from(
    { length: 500 },
    (_, n) => `\x1b[34m2026-11-22 12:00:00\x1b[m [INFO] request ${n} took ${(n * 7919) % 997} ms\r\n`,
  ).join('');
  await emulator.write(Buffer.from(log));
  const draw = (ink: Grid, top: number): Grid =>
    compose(
      [
        { grid: ink, at: { x: 0, y: 0, width: columns, height: rows } },
        {
          grid: emulator.rowsAt(top, rows - 4),
          at: { x: columns / 2, y: 2, width: columns / 2 - 2, height: rows - 4 },
        },
      ],
      { columns, rows, colours: 'rgb', ascii: false },
    );
  const inks = [parseAnsiFrame(frame(3), columns, rows), parseAnsiFrame(frame(4), columns, rows)] as const;
  const [a, b, scrolled] = [draw(inks[0], 0), draw(inks[1], 0), draw(inks[0], 100)] as const;
  const line = [
    `${columns}×${rows}`.padEnd(8),
    `parse Ink ${medianMs((n) => parseAnsiFrame(frame(n % rows), columns, rows)).toFixed(2)} ms`,
    `compose ${medianMs((n) => draw(inks[n % 2 === 0 ? 0 : 1], n)).toFixed(2)} ms`,
    `diff ${medianMs((n) => diff(n % 2 === 0 ? a : scrolled, n % 2 === 0 ? scrolled : a)).toFixed(2)} ms`,
    `selection ${diff(a, b).length} B`,
    `whole pane ${diff(a, scrolled).length} B`,
    `everything ${diff(undefined, a).length} B`,
  ];
  process.stdout.write(`${line.join('  ')}\n`);
  emulator.dispose();
}
