import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPreferences } from '../../src/adapters/preferences.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync('/tmp/rb-preferences-');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, 'preferences.json');

test('remember what was opened where', () => {
  const preferences = openPreferences(folder);
  preferences.setOpenedIn('/srv/my.app', '/srv/my.app/deploy.yaml');
  preferences.setOpenedIn('/srv/other', 'other.yaml');
  const again = openPreferences(folder);
  expect([again.openedIn('/srv/my.app'), again.openedIn('/srv/other')]).toEqual([
    '/srv/my.app/deploy.yaml',
    'other.yaml',
  ]);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

test('that are damaged are begun anew', () => {
  writeFileSync(file(), '{"opened":');
  const preferences = openPreferences(folder);
  expect(preferences.openedIn('/srv')).toBeUndefined();
  preferences.setOpenedIn('/srv', 'deploy.yaml');
  expect(readFileSync(file(), 'utf8')).toContain('deploy.yaml');
});

test('write nothing before something is to be remembered', () => {
  openPreferences(folder);
  expect(existsSync(file())).toBe(false);
});

test('that can be neither read nor written are done without', () => {
  writeFileSync(join(folder, 'taken'), '');
  const unmade = openPreferences(join(folder, 'taken', 'below'));
  unmade.setOpenedIn('/srv', 'deploy.yaml');
  expect(unmade.openedIn('/srv')).toBeUndefined();

  const preferences = openPreferences(folder);
  mkdirSync(file());
  preferences.setOpenedIn('/srv', 'deploy.yaml');
  expect(preferences.openedIn('/srv')).toBeUndefined();
});
