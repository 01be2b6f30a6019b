import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PracticeError, releaseFolder, writeWhole } from './records.mjs';

const parts = ['tea', 'cake', 'till', 'shelf', 'door', 'lamp', 'scales', 'ledger', 'window', 'kettle'];

/**
 * Builds the release the working copy describes, and takes its time, as builds do.
 *
 * @param {{stage: string, version: string, seconds: number, broken: boolean}} options
 *   `broken`: the release will say that it is not healthy
 */
export async function build({ stage, version, seconds, broken }) {
  const source = readFileSync(join(stage, 'shop', 'shop.json'), 'utf8');
  const shop = JSON.parse(source);
  if (shop.version !== version)
    throw new PracticeError(`shop.json says version ${shop.version}, but ${version} is to be built.`);
  await showProgress(seconds);
  const digest = createHash('sha256').update(source).digest('hex');
  const folder = releaseFolder(stage, version);
  const unfinished = `${folder}.part`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const release = { version, greeting: shop.greeting, source: digest, health: broken ? 'broken' : 'ok' };
  writeWhole(join(unfinished, 'release.json'), release);
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
  process.stdout.write(`Release ${version} is built (source ${digest.slice(0, 12)}).\n`);
}

/**
 * @param {string} stage @param {string} version
 * @throws {PracticeError} if there is no such release, or it was not built from the working copy as it is
 */
export function verifyRelease(stage, version) {
  const file = join(releaseFolder(stage, version), 'release.json');
  let release;
  try {
    release = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new PracticeError(`There is no release ${version}.`);
  }
  const digest = createHash('sha256')
    .update(readFileSync(join(stage, 'shop', 'shop.json')))
    .digest('hex');
  if (release.source !== digest) throw new PracticeError(`Release ${version} was built from other files.`);
  process.stdout.write(`release ${version}: source ${digest.slice(0, 12)}, as in the working copy\n`);
}

/** A bar that redraws itself, with a line for each finished part above it. @param {number} seconds */
async function showProgress(seconds) {
  const colours = process.stdout.isTTY && !process.env.NO_COLOR;
  const paint = (/** @type {number} */ code, /** @type {string} */ text) =>
    colours ? `\u001B[${code}m${text}\u001B[0m` : text;
  const ticks = Math.max(1, Math.round(seconds * 10));
  let finished = 0;
  for (let tick = 1; tick <= ticks; tick += 1) {
    await pause((seconds * 1000) / ticks);
    const due = Math.floor((tick / ticks) * parts.length);
    if (process.stdout.isTTY) process.stdout.write('\r\u001B[K');
    for (; finished < due; finished += 1) {
      const size = `${((finished * 37) % 90) + 10} KB`;
      process.stdout.write(`${paint(32, '✔')} ${(parts[finished] ?? '').padEnd(8)} ${paint(90, size)}\n`);
    }
    if (process.stdout.isTTY) process.stdout.write(bar(tick / ticks, paint));
  }
  if (process.stdout.isTTY) process.stdout.write('\r\u001B[K');
}

/** @param {number} done 0 to 1 @param {(code: number, text: string) => string} paint */
function bar(done, paint) {
  const width = 30;
  const full = Math.round(done * width);
  const percent = `${Math.round(done * 100)}`.padStart(3);
  return `\rbuilding ${paint(36, '█'.repeat(full))}${paint(90, '░'.repeat(width - full))} ${percent} %`;
}
