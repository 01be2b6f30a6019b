import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { bin } from '../support/program.ts';
import { straceIsMissing } from '../support/strace.ts';
import { newHome } from '../support/test-home.ts';

const step = (id: string) => `      - { id: ${id}, title: Edit ${id}, edit: { file: ${id}, replace: old, with: new } }`;
const book = (ids: readonly string[], more: readonly string[] = []) => `
version: 1
id: edits
title: Edits files
phases:
  - id: only
    title: Only
    steps:
${[...ids.map(step), ...more].join('\n')}
`;

/** Files by name: their bytes, and what else of them has to stay. */
const kept: Readonly<Record<string, { readonly bytes: Buffer; readonly mode?: number; readonly owner?: number }>> = {
  'mode-640': { bytes: Buffer.from('old\n'), mode: 0o640 },
  'mode-755': { bytes: Buffer.from('old\n'), mode: 0o755 },
  'set-id': { bytes: Buffer.from('old\n'), mode: 0o6755 },
  'somebody-elses': { bytes: Buffer.from('old\n'), mode: 0o600, owner: 12_345 },
  crlf: { bytes: Buffer.from('a\r\nold\r\nb\r\n') },
  'mixed-endings': { bytes: Buffer.from('a\nold\r\nb\rc\n') },
  'byte-order-mark': { bytes: Buffer.from('\uFEFFold\n') },
  'no-end-of-line': { bytes: Buffer.from('a\nold') },
  latin1: { bytes: Buffer.from([0xe4, 0xff, 0x6f, 0x6c, 0x64, 0x80, 0x00, 0xfe]) },
};

test('an edit and its undo keep all else of a file', async (context) => {
  const { tried, held } = underDamage(context, 'modes, owners, line endings, bytes, links', 'Steps 5', 'Rollback 3');
  const isRoot = process.getuid?.() === 0;
  const names = Object.keys(kept).filter((name) => isRoot || kept[name]?.owner === undefined);
  const home = newHome(context);
  const twice = '      - { id: again, title: Again, edit: { file: crlf, replace: new, with: newer } }';
  const file = home.write('edits.yaml', book([...names, 'link'], [twice]));
  const at = (name: string) => join(home.workDir, name);
  for (const name of names) {
    const { bytes, mode, owner } = kept[name] ?? { bytes: Buffer.alloc(0) };
    writeFileSync(at(name), bytes);
    if (owner !== undefined) chownSync(at(name), owner, owner);
    if (mode !== undefined) chmodSync(at(name), mode);
  }
  mkdirSync(at('there'));
  writeFileSync(at('there/target'), 'old\n');
  symlinkSync('there/target', at('link'));
  const before = new Map(names.map((name) => [name, statSync(at(name))]));
  const ran = await home.run(['run', file, '--yes']);
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  const isKept = (change: (name: string, bytes: Buffer) => Buffer) => {
    for (const name of names) {
      tried();
      const { mode, uid, gid } = statSync(at(name));
      const was = before.get(name);
      expect([name, mode, uid, gid]).toEqual([name, was?.mode, was?.uid, was?.gid]);
      expect([name, readFileSync(at(name))]).toEqual([name, change(name, kept[name]?.bytes ?? Buffer.alloc(0))]);
      held();
    }
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true);
    expect(readdirSync(home.workDir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  };
  isKept((name, bytes) =>
    Buffer.from(bytes.toString('latin1').replace('old', name === 'crlf' ? 'newer' : 'new'), 'latin1'),
  );
  expect(readFileSync(at('there/target'), 'utf8')).toBe('new\n');
  expect(await home.run(['rollback', file, '--yes'])).toMatchObject({ code: 3, stderr: '' });
  isKept((_, bytes) => bytes);
  expect(readFileSync(at('there/target'), 'utf8')).toBe('old\n');
});

test('what can’t be edited safely fails with the reason, and stays as it is', async (context) => {
  const { tried, held } = underDamage(context, 'pipes, folders, loops, dangling links, wrong counts', 'Steps 5');
  const cases: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    ['a pipe', (path) => execFileSync('mkfifo', [path]), /is no regular file/],
    ['a folder', (path) => mkdirSync(path), /is no regular file/],
    ['a loop of links', (path) => symlinkSync(path, path), /ELOOP|too many/],
    ['a dangling link', (path) => symlinkSync('nowhere', path), /does not exist/],
    ['nothing', () => {}, /does not exist/],
    ['the text twice', (path) => writeFileSync(path, 'old old'), /is there 2 times/],
    ['UTF-16', (path) => writeFileSync(path, '\uFEFFold', 'utf16le'), /UTF-16/],
  ];
  for (const [, make, why] of cases) {
    tried();
    const home = newHome(context);
    const path = join(home.workDir, 'one');
    make(path);
    const { code, stdout } = await home.run(['run', home.write('edits.yaml', book(['one'])), '--yes']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(why) });
    expect(readdirSync(home.workDir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(existsSync(join(home.workDir, 'nowhere'))).toBe(false);
    held();
  }
});

test.for(['changed', 'gone', 'backup'] as const)(
  'an undo leaves alone what is not as it was: %s',
  async (damage, context) => {
    underDamage(context, 'changed since, gone, backup damaged', 'Rollback 3', 'Rollback 7');
    const home = newHome(context);
    const path = home.write('one', 'old\n');
    const file = home.write('edits.yaml', book(['one']));
    expect(await home.run(['run', file, '--yes'])).toMatchObject({ code: 0 });
    const backup = join(home.runDir('edits'), 'attempts', '0001-one', 'before-one');
    if (damage === 'changed') writeFileSync(path, 'new, and more\n');
    if (damage === 'gone') rmSync(path);
    if (damage === 'backup') writeFileSync(backup, 'tampered\n');
    const now = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    const { code, stdout } = await home.run(['rollback', file, '--yes']);
    expect({ code, stdout }).toEqual({
      code: 4,
      stdout: expect.stringMatching(/was changed since|is gone|missing or damaged/),
    });
    expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined).toBe(now);
  },
);

test('an edit whose folder can’t be synced says that the file was replaced, and can be undone', async (context) => {
  const missing = straceIsMissing();
  if (missing !== undefined) context.skip(`note: ${missing}`);
  underDamage(context, 'a sync of the folder that fails after the rename', 'Steps 5', 'Rollback 3');
  const home = newHome(context);
  const path = home.write('one', 'old\n');
  const file = home.write('edits.yaml', book(['one']));
  const { PATH = '' } = process.env;
  const inject = ['-f', '-qq', '-o', join(home.dataDir, '..', 'trace'), '-P', home.workDir, '-e', 'trace=fsync'];
  const { exitCode, stdout } = await execa(
    'strace',
    [...inject, '-e', 'inject=fsync:error=EIO', process.execPath, bin, 'run', file, '--yes'],
    {
      cwd: home.workDir,
      env: { PATH, RUNBOOK_HOME: home.dataDir, HOME: home.workDir },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    },
  );
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: expect.stringMatching(/it was replaced, but .*EIO/) });
  expect(readFileSync(path, 'utf8')).toBe('new\n');
  expect(await home.run(['rollback', file, '--yes'])).toMatchObject({ code: 3 });
  expect(readFileSync(path, 'utf8')).toBe('old\n');
});
