import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { type LostStep, loseStep } from '../support/lost-step.ts';

type Case = {
  readonly way: string;
  /** Is done to what the killed screen and runner left, before the run is opened again. */
  readonly harm: (step: LostStep) => void;
  /** What stands in the evidence. */
  readonly says: readonly RegExp[];
  /** The command is left running. */
  readonly runs?: boolean;
};

/** More of them at once than there are cores: most of the time they wait. */
const AT_ONCE = 4;

/** On a machine that begins many processes another one may have its number by the time it is looked for. */
const REUSED = String.raw`(?: \(its process number belongs to another process now\))?`;
const GONE = new RegExp(`command +gone${REUSED}$`, 'm');
const RUNNER_GONE = new RegExp(`runner +gone${REUSED}$`, 'm');
const cut = (file: string, text: string) => (step: LostStep) => writeFileSync(join(step.folder, file), text);
const without =
  (...files: readonly string[]) =>
  (step: LostStep) => {
    for (const file of files) rmSync(join(step.folder, file));
  };
const otherBoot = { bootId: '00000000-0000-4000-8000-000000000000' };
const otherStart = { startTime: '1' };
const changed = (file: 'started.json' | 'command.json', identity: object) => (step: LostStep) =>
  step.change(file, (record) => {
    const key = file === 'started.json' ? 'runner' : 'process';
    return { ...record, [key]: { ...record[key], ...identity } };
  });
const both = (identity: object) => (step: LostStep) => {
  changed('started.json', identity)(step);
  changed('command.json', identity)(step);
};

const cases: readonly Case[] = [
  {
    way: 'screen and runner killed, nothing else',
    harm: () => {},
    says: [new RegExp(`ended: runner gone${REUSED}, no result`), RUNNER_GONE, GONE],
  },
  {
    way: 'the machine restarted since',
    harm: both(otherBoot),
    says: [/the machine was restarted since, no result/, /command +gone: the machine was restarted since/],
    runs: true,
  },
  {
    way: 'its command’s number given to another process',
    harm: changed('command.json', otherStart),
    says: [/command +gone \(its process number belongs to another process now\)/],
    runs: true,
  },
  {
    way: 'its runner’s number given to another process',
    harm: (step) => changed('started.json', { pid: process.pid, ...otherStart })(step),
    says: [/runner +gone \(its process number belongs to another process now\)/, GONE],
  },
  { way: 'its command still running', harm: () => {}, says: [/command +still running \(pid \d+/], runs: true },
  {
    way: 'started on another host',
    harm: both({ host: 'elsewhere' }),
    says: [/runner +not known: it ran on elsewhere/, /may still be running: it ran on elsewhere/],
  },
  {
    way: 'the folder of its attempt removed',
    harm: (step) => rmSync(step.folder, { recursive: true }),
    says: [/the folder of its files is gone/, /record +none: the folder of its files is gone/],
  },
  {
    way: 'all its files removed',
    harm: (step) => {
      rmSync(step.folder, { recursive: true });
      mkdirSync(step.folder);
    },
    says: [/the file that says who ran it is gone/],
  },
  { way: 'started.json removed', harm: without('started.json'), says: [/the file that says who ran it is gone/, GONE] },
  {
    way: 'started.json cut off',
    harm: cut('started.json', '{"kind":"star'),
    says: [/the file that says who ran it can't be read/, /runner +not known: .*started\.json can't be read/],
  },
  {
    way: 'started.json of another shape',
    harm: cut('started.json', '{"kind":"started","runner":7,"at":1}'),
    says: [/the file that says who ran it can't be read/],
  },
  {
    way: 'started.json that says it was withdrawn',
    harm: cut('started.json', '{"kind":"withdrawn","by":{},"at":1}'),
    says: [/the file that says who ran it can't be read/],
  },
  {
    way: 'command.json removed',
    harm: without('command.json'),
    says: [/may still be running: which process it was is not written down/],
    runs: true,
  },
  {
    way: 'command.json cut off',
    harm: cut('command.json', '{"process'),
    says: [/may still be running: .*command\.json can't be read/],
  },
  { way: 'spec.json removed', harm: without('spec.json'), says: [RUNNER_GONE, GONE] },
  {
    way: 'result.json cut off',
    harm: cut('result.json', '{"version":1,"startedAt":1'),
    says: [/its result can't be read/, /record +.*result\.json can't be read/],
  },
  { way: 'result.json empty', harm: cut('result.json', ''), says: [/its result can't be read/] },
  {
    way: 'result.json without an ending',
    harm: cut('result.json', '{"version":1}'),
    says: [/its result can't be read/],
  },
  {
    way: 'result.json with an ending of no kind we know',
    harm: cut(
      'result.json',
      JSON.stringify({
        version: 1,
        startedAt: 1,
        endedAt: 2,
        durationMs: 1,
        ending: { kind: 'magic' },
        unmet: [],
        groupGone: true,
        output: {},
        notices: [],
      }),
    ),
    says: [/its result can't be read/],
  },
  {
    way: 'a folder in the place of result.json',
    harm: (step) => mkdirSync(join(step.folder, 'result.json')),
    says: [/its result can't be read/],
  },
];

async function holds(one: Case, step: LostStep): Promise<void> {
  one.harm(step);
  const { code, stdout, stderr } = await step.runAgain();
  expect(code, stdout + stderr).toBe(5);
  expect(stdout).toContain('Nobody knows how “Push the commit” ended');
  for (const words of one.says) expect(stdout).toMatch(words);
  expect(stdout).toMatch(/verify +✔ holds/);
  expect(stdout).toMatch(/unless +✖ does not hold/);
  expect(stdout).toContain('adopt it as done, run it again, undo it, or mark it failed');
  const events = step.home.events('lossy');
  expect(events.filter(({ type }) => type === 'AttemptStarted')).toHaveLength(1);
  expect(events.filter(({ type }) => type === 'AttemptLost')).toHaveLength(1);
  expect(step.read('log')).toBe('ran\n');
}

/** Does one case after the other, some of them at once; what fails is told by its name. */
async function forEvery(
  all: readonly Case[],
  lost: LostStep,
  damage: ReturnType<typeof underDamage>,
): Promise<readonly string[]> {
  const left = [...all];
  const failures: string[] = [];
  const work = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const step = lost.copy();
      damage.tried();
      try {
        await holds(one, step);
        damage.held();
      } catch (error) {
        failures.push(`${one.way}: ${error instanceof Error ? error.message : String(error)}`);
      } finally {
        await step.home.remove();
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failures;
}

const asked = ["undo: 'echo undone >> log'", 'verify: grep -qx ran log', 'unless: test -e never'];

describe('what nobody saw end is unknown, with the evidence, whatever is left of its files', () => {
  test.for([
    ['has ended', false],
    ['goes on', true],
  ] as const)('where its command %s', { timeout: 120_000 }, async ([, runs], context) => {
    const way = `attempt files damaged, the command ${runs ? 'still there' : 'gone'}`;
    const lost = await loseStep(context, { step: asked, ...(runs ? { last: 'exec sleep 300' } : {}) });
    const own = cases.filter((one) => (one.runs ?? false) === runs);
    expect(await forEvery(own, lost, underDamage(context, way, 'Steps 2', 'No screen 2'))).toEqual([]);
  });
});

test('an unknown step stays unknown, unasked and unchanged, however often the run is opened', async (context) => {
  underDamage(context, 'an unknown step, its run opened again and again', 'Steps 2', 'No screen 2');
  const step = await loseStep(context);
  expect((await step.runAgain()).code).toBe(5);
  const before = step.home.events('lossy').length;
  for (const args of [undefined, ['run', 'lossy.yaml', '--yes', '--to', 'after'], ['run', 'lossy.yaml', '--json']]) {
    const { code, stdout } = await step.runAgain(args);
    expect(code).toBe(5);
    expect(stdout).toContain('how it ended was never written down');
  }
  expect(
    step.home
      .events('lossy')
      .slice(before)
      .map(({ type }) => type),
  ).toEqual(['RunOpened', 'RunOpened', 'RunOpened']);
});
