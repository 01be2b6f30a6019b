import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { newHome, type TestHome } from '../support/test-home.ts';

const book = (script: string) => `
version: 1
id: book
title: Book
phases:
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: ${JSON.stringify(script)}, readonly: true }
`;

type Data = {
  readonly ready: boolean;
  readonly findings: readonly {
    readonly group: string;
    readonly what: string;
    readonly state: string;
    readonly verdict: string;
  }[];
};

/** A folder with a program of the test's own, first on the PATH. */
function withProgram(home: TestHome, name: string, script: string) {
  chmodSync(home.write(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
  return { environment: { PATH: `${home.workDir}/bin:${process.env.PATH ?? ''}` } };
}

describe('runbook doctor', () => {
  test('0: the practice runbook has all it needs, and nothing is changed or left', async (context) => {
    const home = newHome(context);
    const { code, stdout, stderr } = await home.run(['doctor', 'practice']);
    expect([code, stderr]).toEqual([0, '']);
    for (const part of ['found        git', 'pseudo-terminal', 'Everything needed here is there.'])
      expect(stdout).toContain(part);
    expect(readdirSync(home.workDir)).toEqual([]);
    expect(existsSync(`${home.dataDir}/runs`)).toBe(false);
    await home.nothingLeftBehind();
  });

  test('1: what is missing is named with its step and the mend, as JSON too', async (context) => {
    const home = newHome(context);
    const path = home.write('book.yaml', book('no-such-tool --now; ls'));
    const told = await home.run(['doctor', path]);
    expect(told).toMatchObject({ code: 1, stderr: '' });
    expect(told.stdout).toMatch(/missing +no-such-tool +not on the PATH\n +for a\n +→ Install no-such-tool/);
    const { code, stdout } = await home.run(['doctor', path, '--json']);
    const data = JSON.parse(stdout) as Data;
    expect([code, data.ready]).toEqual([1, false]);
    expect(data.findings.filter(({ verdict }) => verdict === 'failure')).toMatchObject([
      { what: 'no-such-tool', state: 'missing' },
    ]);
  });

  test('1: an engine that does not answer is given up, and its client is not left behind', async (context) => {
    const home = newHome(context);
    const path = home.write('book.yaml', book('docker compose up -d --wait'));
    const hung = withProgram(home, 'docker', 'case "$*" in *--version*) echo 28.0.0 ;; *) sleep 1000 ;; esac');
    const { code, stdout } = await home.run(['doctor', path], hung);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/unusable +Docker engine +does not answer within 5 s/)]);
    await home.nothingLeftBehind();
  });

  test('what the project watches is wanted of Docker', async (context) => {
    const home = newHome(context);
    const path = home.write('book.yaml', book('ls'));
    const docker = withProgram(home, 'docker', 'exit 1');
    expect((await home.run(['doctor', path], docker)).stdout).not.toContain('Docker engine');
    home.write('runbook.yaml', 'monitor: { docker: { compose: c.yml } }\n');
    const { code, stdout } = await home.run(['doctor', path], docker);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/Docker engine[\s\S]*Docker Compose/)]);
  });

  test('2: a broken runbook, and a name that is none', async (context) => {
    const home = newHome(context);
    const broken = await home.run(['doctor', home.write('book.yaml', book('ls').replace('run:', 'rum:'))]);
    expect([broken.code, broken.stdout, broken.stderr]).toEqual([2, '', expect.stringContaining('book.yaml:9:')]);
    const unknown = await home.run(['doctor', 'practise']);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('did you mean "practice"?')]);
  });

  test('a value comes from --var, and without a name it is the runbook that would be opened', async (context) => {
    const home = newHome(context);
    home.write('runbooks/book.yaml', book('ls').replace('phases:', 'vars: { NAME: {} }\nphases:'));
    home.write('runbook.yaml', 'default: book\n');
    expect(await home.run(['doctor'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/missing +NAME +has no value/),
    });
    expect((await home.run(['doctor', '--var', 'NAME=x'])).code).toBe(0);
  });

  test('without a runbook it tells what crashes left, and says so', async (context) => {
    const home = newHome(context);
    const told = await home.run(['doctor']);
    expect(told.code).toBe(0);
    expect(told.stderr).toContain('Without one, doctor tells only what crashes have left.');
    const { code, stdout } = await home.run(['doctor', '--json']);
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(['machine', 'findings']);
    expect(existsSync(`${home.dataDir}/runs`)).toBe(false);
  });

  test('on a terminal that terminal is judged too', async (context) => {
    const home = newHome(context);
    const path = home.write('book.yaml', book('ls'));
    const program = home.open(['doctor', path], { columns: 120, rows: 50, environment: { LC_ALL: 'C.UTF-8' } });
    expect(await program.exited()).toEqual({ code: 0, signal: 0 });
    const text = program.screenText();
    for (const part of ['TERM', 'xterm-256color', '120×50', 'LC_ALL=C.UTF-8', 'OSC 52']) expect(text).toContain(part);
    const small = home.open(['doctor', path], { columns: 50, rows: 14 });
    expect((await small.exited()).code).toBe(1);
  });
});
