import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allPieces, hostileFloods } from '../fixtures/hostile-output/pieces.ts';
import { underDamage } from '../support/damage.ts';
import { openDockerLab } from '../support/docker.ts';
import { expectTextAndColourOnly, lookAround } from '../support/look-around.ts';
import { newHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

/** A container prints a file to its log, and stays. */
const staying = (file: string) => ['sh', '-c', `cat /given/${file}; echo "seen in $0"; exec sleep 300`, file];

test('what a container prints reaches the terminal as text and colour only', { timeout: 180_000 }, async (context) => {
  const { tried, held } = underDamage(context, 'all escape sequences and a flood, by containers', 'Output');
  const lab = await openDockerLab(context);
  const home = newHome(context);
  const given = join(home.workDir, 'given');
  mkdirSync(given);
  writeFileSync(join(given, 'pieces'), allPieces());
  const line = hostileFloods['a line of ten megabytes']?.() ?? Buffer.alloc(0);
  writeFileSync(join(given, 'flood'), Buffer.concat([line, Buffer.from('\n')]));
  const mount = ['-v', `${given}:/given:ro`];
  const nasty = ['--label', 'nasty=\x1b]0;owned\x07', '-e', 'NASTY=\x1b[?1000h', '--hostname', 'h'];
  await lab.run({ name: 'pipes', args: [...mount, ...nasty], command: staying('pieces') });
  await lab.run({ name: 'tty', args: [...mount, ...nasty, '-t'], command: staying('pieces') });
  await lab.run({ name: 'flood', args: mount, command: staying('flood') });
  const names = ['pipes', 'tty', 'flood'].map((name) => `${lab.prefix}-${name}`);
  const once = `docker run --rm -v ${given}:/given:ro ${lab.image} cat /given/pieces; echo seen`;
  const file = home.write(
    'hostile.yaml',
    `
version: 1
id: hostile
title: Hostile containers
monitor:
  docker: { containers: [${names.join(', ')}] }
  logs: [{ docker: { containers: [${names.join(', ')}], tail: 2000 } }]
  alert: { pattern: owned, max: 1, within: 60s }
phases:
  - id: only
    title: Only
    steps:
      - { id: pty, title: On a terminal, run: '${once.replace('--rm', '--rm -t')} 1', readonly: true }
      - { id: pipes, title: On pipes, run: '${once} 2', terminal: false, readonly: true }
      - { id: log, title: Its log, run: 'docker logs ${names[0]}; echo seen 3', readonly: true }
      - { id: asked, title: Asks it, check: { run: 'docker logs ${names[1]}; false' }, within: 1s, readonly: true }
`,
  );
  for (const size of [
    { columns: 160, rows: 48 },
    { columns: 80, rows: 24 },
  ]) {
    tried();
    const program = home.open([file], size);
    await program.waitForScreen(/ a run on /);
    program.press('a');
    await waitFor(() => home.events('hostile').some(({ type }) => type === 'RunOnEnded'), { withinMs: 60_000 });
    await program.waitForScreen(/✖ Asks it/, { withinMs: 60_000 });
    if (size.columns === 160) await program.waitForScreen(/seen in (?:pieces|flood)/, { withinMs: 30_000 });
    await lookAround(program);
    program.press('q');
    expect(await program.exited()).toEqual({ code: 1, signal: 0 });
    expectTextAndColourOnly(program);
    held();
    await home.run(['reset', file]);
  }
  // It was printed whole, and is kept as it was.
  expect(home.output('hostile', 'pipes').includes('\x1b]52;c;b3duZWQ=\x07')).toBe(true);

  tried();
  const { stdout } = await home.run(['run', file]);
  expect(stdout).toContain('seen 3');
  expect(stdout).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/);
  held();
});
