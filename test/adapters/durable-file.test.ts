import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linkExclusive, writeDurable } from '../../src/adapters/durable-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'durable-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a durable file replaces the one before, is private and leaves nothing beside it', async () => {
  const path = join(folder, 'a.json');
  await writeDurable(path, 'one');
  await writeDurable(path, 'two');
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('one that can’t be written leaves the one before', async () => {
  await expect(writeDurable(join(folder, 'missing', 'a.json'), 'x')).rejects.toThrow('ENOENT');
  expect(readdirSync(folder)).toEqual([]);
});

test('of many that make the same file exactly one wins, and its text stands', async () => {
  const path = join(folder, 'a.json');
  const wins = await Promise.all(Array.from({ length: 20 }, (_, index) => linkExclusive(path, `text ${index}`)));
  expect(wins.filter((won) => won)).toHaveLength(1);
  expect(readFileSync(path, 'utf8')).toBe(`text ${wins.indexOf(true)}`);
  expect(readdirSync(folder)).toEqual(['a.json']);
});
