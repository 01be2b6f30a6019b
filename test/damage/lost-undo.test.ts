import { expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { isThere } from '../support/is-there.ts';
import { type Desk, deskWith } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const forward = ['run', 'book.yaml', '--yes'];
const back = ['rollback', 'book.yaml', '--yes'];

/** Its undo does `once` the first time, as soon as its process is written down, and ends well the second. */
function deskOf(once: string): Desk {
  return deskWith(`version: 1
id: lost-undo
title: Lost undo
phases:
  - id: only
    title: Only
    steps:
      - id: step
        title: Step
        run: echo step >> log
        terminal: false
        undo: |
          echo undo >> log
          test "$(grep -c undo log)" -gt 1 && exit
          echo $$ > pid
          until grep -rqs --include=command.json "\\"pid\\":$$," home; do sleep 0.02; done
          ${once}
`);
}

const screen = '$(ps -o ppid= -p $PPID)';
const cases = [
  // The command lasts: that it may still run is what has to be told.
  {
    once: `kill -9 ${screen} $PPID; exec sleep 300`,
    told: /unknown how it ended: .*its command is still running/,
  },
  { once: `kill -9 ${screen}; exit 7`, told: /exit 7|exit status 7/ },
] as const;

function undos(desk: Desk): number {
  return desk.read('log').match(/^undo$/gm)?.length ?? 0;
}

async function isToldBeforeRetried(desk: Desk, told: RegExp): Promise<void> {
  expect((await desk.call(forward)).status).toBe(0);
  expect((await desk.call(back)).status).toBeUndefined();
  await waitFor(() => undos(desk) === 1, { what: 'the undo has begun' });
  const found = await desk.call(back);
  expect(found.out).toMatch(told);
  expect(found.out).toContain('Partly rolled back. It stopped at “Step”');
  expect([found.status, undos(desk)]).toEqual([4, 1]);
  // Whoever calls again was told; but nothing is begun beside what is still running, whatever flag is given.
  const left = Number(desk.read('pid'));
  if (isThere(left)) {
    const beside = await desk.call(back);
    expect([beside.status, undos(desk)], beside.out).toEqual([5, 1]);
    expect(beside.out).toMatch(/is not proven gone and may still be running[\s\S]*still running \(pid \d+/);
    end(left);
    await waitFor(() => !isThere(left), { what: 'what was left has ended' });
  }
  const again = await desk.call(back);
  expect([again.status, undos(desk)], again.out).toEqual([3, 2]);
}

test('an undo that ended badly while nobody looked is told of before it is run again', async (context) => {
  const damage = underDamage(
    context,
    'screen, or screen and runner, killed in an undo',
    ...(['Steps 2', 'Steps 3', 'No screen 2', 'Rollback 5', 'Rollback 6'] as const),
  );
  await Promise.all(
    cases.map(async ({ once, told }) => {
      const desk = deskOf(once);
      damage.tried();
      try {
        await isToldBeforeRetried(desk, told);
        damage.held();
      } finally {
        const pid = Number(desk.read('pid'));
        if (pid > 1) end(pid);
        desk.dispose();
      }
    }),
  );
}, 60_000);

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
