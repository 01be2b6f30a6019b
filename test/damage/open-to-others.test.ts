import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { newHome } from '../support/test-home.ts';

const book = `
version: 1
id: open
title: Where others can write
phases: [{ id: only, title: Only, steps: [{ id: one, title: The first, run: 'true' }] }]
`;

test('a runbook in a folder others can write is warned about, wherever it is opened', async (context) => {
  const { tried, held } = underDamage(context, 'a runbook others can change, or a project file above it', 'Input');
  const home = newHome(context);
  home.write('open.yaml', book);
  const warned = new RegExp(`${home.workDir}: every user here .*chmod go-w ${home.workDir}`);
  const quiet = await Promise.all([home.run(['check', 'open.yaml']), home.run(['run', 'open.yaml', '--dry-run'])]);
  expect(quiet.map(({ stdout, stderr }) => stdout + stderr).join('')).not.toContain('can change it');

  chmodSync(home.workDir, 0o777);
  for (const [args, code] of [
    [['check', 'open.yaml'], 0],
    [['run', 'open.yaml', '--dry-run'], 0],
    [['run', 'open.yaml', '--yes'], 0],
  ] as const) {
    tried();
    const ended = await home.run(args);
    expect(ended.stdout + ended.stderr).toMatch(warned);
    expect(ended.code).toBe(code);
    held();
  }
  tried();
  const { stdout } = await home.run(['doctor', 'open.yaml']);
  expect(stdout).toMatch(/open\? +what is executed +every user here can change it[\s\S]*→ Close it: chmod/);
  held();
  tried();
  const program = home.open(['open.yaml'], { columns: 200, rows: 48 });
  await program.waitForScreen(warned);
  program.press('q');
  await program.exited();
  held();

  tried();
  chmodSync(home.workDir, 0o755);
  chmodSync(home.write('runbook.yaml', 'default: open\n'), 0o666);
  const above = await home.run(['run', 'open.yaml', '--yes']);
  expect(above.stdout + above.stderr).toMatch(`${join(home.workDir, 'runbook.yaml')}: every user`);
  held();
});
