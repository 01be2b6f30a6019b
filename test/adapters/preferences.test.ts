import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPreferences } from '../../src/adapters/preferences.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync('/tmp/rb-preferences-');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, 'preferences.json');

test('remember the current run of each runbook and what was opened where', () => {
  const preferences = openPreferences(folder);
  preferences.setCurrentRun('a', 'run-1');
  preferences.setCurrentRun('b', 'run-2');
  preferences.setCurrentRun('a', undefined);
  preferences.setOpenedIn('/srv/my.app', '/srv/my.app/deploy.yaml');
  const again = openPreferences(folder);
  expect([again.currentRun('a'), again.currentRun('b')]).toEqual([undefined, 'run-2']);
  expect(again.openedIn('/srv/my.app')).toBe('/srv/my.app/deploy.yaml');
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

test('that are damaged are begun anew', () => {
  writeFileSync(file(), '{"current":');
  const preferences = openPreferences(folder);
  expect(preferences.currentRun('a')).toBeUndefined();
  preferences.setCurrentRun('a', 'run-1');
  expect(readFileSync(file(), 'utf8')).toContain('run-1');
});

test('write nothing before something is to be remembered', () => {
  openPreferences(folder);
  expect(existsSync(file())).toBe(false);
});

test('that can not be written are done without', () => {
  writeFileSync(join(folder, 'taken'), '');
  const preferences = openPreferences(join(folder, 'taken', 'below'));
  preferences.setCurrentRun('a', 'run-1');
  expect(preferences.openedIn('/srv')).toBeUndefined();
});
