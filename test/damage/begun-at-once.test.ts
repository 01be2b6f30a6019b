import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { identifySelf } from '../../src/adapters/process-identity.ts';
import { underDamage } from '../support/damage.ts';
import { type Desk, deskWith } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const text = `
version: 1
id: twice
title: Begun at once
phases:
  - id: only
    title: Only
    steps:
      - { id: one, title: One, run: 'echo one >> log; while test -e book.yaml && ! test -e go; do sleep 0.05; done', terminal: false }
`;
const forward = ['run', 'book.yaml', '--yes'];
const desks: Desk[] = [];

afterEach(() => {
  for (const desk of desks.splice(0)) desk.dispose();
});

function newDesk(): Desk {
  const desk = deskWith(text);
  desks.push(desk);
  return desk;
}

const runsOf = (desk: Desk) => readdirSync(join(desk.home, 'runs', 'twice'));
const beginning = (desk: Desk) => join(desk.home, 'begin', 'twice');

for (const before of ['no run', 'a run that is over']) {
  test(`of those that begin at the same moment one does, after ${before}`, async (context) => {
    underDamage(context, `several first starts at once, after ${before}`, 'Journal 4', 'Steps 3');
    const desk = newDesk();
    const go = join(desk.folder, 'go');
    const earlier = before === 'no run' ? 0 : 1;
    if (earlier > 0) {
      writeFileSync(go, '');
      expect((await desk.call(forward)).status).toBe(0);
      rmSync(go);
    }
    const calls = [1, 2, 3].map(() => desk.begin(forward));
    // The step waits until all but one have said that they only read.
    const readers = () => calls.filter((call) => call.said().includes('writes this run')).length;
    const second = () => desk.read('log').split('\n').length - 1 > earlier + 1;
    await waitFor(() => readers() === 2 || second(), { what: 'two of three read' });
    writeFileSync(go, '');
    const ended = await Promise.all(calls.map((call) => call.ended));
    expect(desk.read('log')).toBe('one\n'.repeat(earlier + 1));
    expect(ended.map(({ status }) => status ?? 0).toSorted((one, other) => one - other)).toEqual([0, 5, 5]);
    expect(runsOf(desk)).toHaveLength(earlier + 1);
    expect(readdirSync(beginning(desk))).toEqual([]);
  });
}

test('one that died while it began is taken over from', async () => {
  const desk = newDesk();
  writeFileSync(join(desk.folder, 'go'), '');
  mkdirSync(beginning(desk), { recursive: true });
  const dead = { ...(await identifySelf()), startTime: 'long ago', by: 'ann@studio', since: 3 };
  const path = join(beginning(desk), 'lock');
  writeFileSync(path, `${JSON.stringify(dead)}\n`);
  expect((await desk.call(forward)).status).toBe(0);
  expect(runsOf(desk)).toHaveLength(1);
  expect(readdirSync(beginning(desk))).toEqual([]);
});

test('one that begins and does not come to it is named, and not taken from while it is there', async () => {
  const here = { ...(await identifySelf()), by: 'ann@studio', since: 3 };
  const ways = [
    [here, /ann@studio \(pid \d+ on .*end that process/],
    [{ ...here, host: 'elsewhere' }, /ann@studio \(pid \d+ on elsewhere\).*remove .*begin\/twice\/lock/],
  ] as const;
  await Promise.all(
    ways.map(async ([holder, says]) => {
      const desk = newDesk();
      mkdirSync(beginning(desk), { recursive: true });
      const path = join(beginning(desk), 'lock');
      writeFileSync(path, `${JSON.stringify(holder)}\n`);
      const { status, err } = await desk.call(forward);
      expect([status, err]).toEqual([2, expect.stringMatching(says)]);
      expect(readFileSync(path, 'utf8')).toContain('ann@studio');
    }),
  );
});
