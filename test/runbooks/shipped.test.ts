import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadRunbook } from '../../src/definition/load-runbook.ts';
import { scriptsOf, shipped, shippedNames, textOf } from './shipped.ts';

/** Shell text that is well-formed here, but not on every machine the runbooks are for, or does not say what it seems to. */
const traps: readonly (readonly [string, RegExp])[] = [
  ['bash 4: case change', /\$\{\w+(,,|\^\^)/],
  ['bash 4: mapfile', /\b(mapfile|readarray)\b/],
  ['bash 4: associative arrays', /\b(declare|local) -A\b/],
  ['bash 4: |& and &>>', /\|&|&>>/],
  ['bash 5: wait -n', /\bwait -n\b/],
  ['GNU grep only', /\bgrep -\w*P/],
  ['sed -i differs between GNU and BSD', /\bsed -i\b/],
  ['GNU only', /\b(readlink -f|realpath|date -d|stat -c|xargs -r)|(^|[;&|]\s*)timeout \d/m],
  ['with pipefail, grep -q in a pipe kills what writes into it', /\|\s*grep\s+-\w*q/],
  ['goes back to whatever was committed last', /HEAD~\d/],
];

describe.each(shippedNames)('%s', (name) => {
  it('loads without an error, and `check` has nothing to say but what is not used yet', () => {
    const { runbook, problems } = loadRunbook(textOf(name));
    expect(problems.filter((one) => one.code !== 'not-used-yet')).toEqual([]);
    expect(problems.every((one) => one.severity === 'warning')).toBe(true);
    expect(runbook?.id).toBe(name);
  });

  it('names its schema in the first line, for editors', () => {
    expect(textOf(name).split('\n')[0]).toBe('# yaml-language-server: $schema=./runbook.schema.json');
  });

  it('has a way back, a reason why not, or a promise to change nothing in every step', () => {
    const bare = shipped(name)
      .phases.flatMap((phase) => phase.steps)
      .filter((step) => !['check', 'watch', 'edit'].includes(step.action.kind))
      .filter((step) => !step.readonly && step.irreversible === undefined && step.undo === undefined);
    expect(bare.map((step) => step.id)).toEqual([]);
  });

  it('has shell text that bash can read throughout', async () => {
    const scripts = scriptsOf(shipped(name));
    const unread = await Promise.all(
      scripts.map(async ({ place, script }) => {
        const { exitCode, stderr } = await execa('bash', ['-n'], { input: script, reject: false });
        return exitCode === 0 && stderr === '' ? [] : [`${place}: ${stderr}`];
      }),
    );
    expect(unread.flat()).toEqual([]);
    expect(scripts.length).toBeGreaterThan(50);
  });

  it.each(traps)('has no shell text with the trap: %s', (_trap, pattern) => {
    const caught = scriptsOf(shipped(name)).filter(({ script }) => pattern.test(script));
    expect(caught.map((one) => one.place)).toEqual([]);
  });
});

it('practice is what opens when none is named', async () => {
  const project = parse(await readFile(new URL('../../runbook.yaml', import.meta.url), 'utf8')) as { default: string };
  expect(project).toEqual({ default: 'practice' });
  expect(existsSync(new URL(`../../runbooks/${project.default}.yaml`, import.meta.url))).toBe(true);
});

describe('practice', () => {
  const steps = () => shipped('practice').phases.flatMap((phase) => phase.steps);
  const count = (kind: string) => steps().filter((step) => step.action.kind === kind).length;

  it('shows every kind of step that needs no person, and one that does', () => {
    expect(shipped('practice').phases).toHaveLength(5);
    for (const kind of ['run', 'edit', 'check', 'service', 'watch']) expect(count(kind)).toBeGreaterThan(0);
    expect([count('manual'), count('interactive')]).toEqual([1, 0]);
  });

  it('has one gate, one step without a way back, one watch of a minute', () => {
    expect(shipped('practice').phases.filter((phase) => phase.gate !== undefined)).toHaveLength(1);
    expect(steps().filter((step) => step.irreversible !== undefined)).toHaveLength(1);
    const watches = steps().flatMap(({ action }) => (action.kind === 'watch' ? [action.forMs] : []));
    expect(watches).toEqual([60_000]);
  });

  it('asks for nothing but Node, git and bash', () => {
    const asked = scriptsOf(shipped('practice')).filter(({ script }) =>
      /\b(curl|jq|docker|python|npm|nc)\b/.test(script),
    );
    expect(asked).toEqual([]);
  });
});
