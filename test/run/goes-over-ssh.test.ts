import { expect, test } from 'vitest';
import { goesOverSsh } from '../../src/run/goes-over-ssh.ts';

test.each([
  ['ssh host true', true],
  ['/usr/bin/ssh -tt host true', true],
  ['cd x && exec ssh host true', true],
  ['tar c . | ssh host tar x', true],
  ['timeout 5 ssh host true', true],
  ['rsync -a x host:y', true],
  ['scp x host:y', true],
  ["bash -c 'ssh host true'", true],
  ['echo ssh', false],
  ['ssh-add -l', false],
  ['# ssh host', false],
  ['command -v ssh', false],
  ['', false],
])('%s', (script, isSo) => {
  expect(goesOverSsh(script)).toBe(isSo);
});
