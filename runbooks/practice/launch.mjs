import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { askJson } from './http.mjs';
import { endProcess, holdsWithin, isAlive } from './processes.mjs';
import { logFile, PracticeError, readJson, recordFile, releaseFolder, runFolder } from './records.mjs';

/** @typedef {import('./records.mjs').InstanceRecord} InstanceRecord */

/**
 * Makes an instance run a release. Being run twice changes nothing the second time; a record that a dead process
 * left is replaced.
 *
 * @param {{stage: string, instance: string, version: string, port: number, idleMinutes: number, program: string}} wanted
 *   `program`: the file that `serve` is asked of
 * @returns {Promise<'started' | 'already running'>}
 */
export async function start({ stage, instance, version, port, idleMinutes, program }) {
  if (!existsSync(join(releaseFolder(stage, version), 'release.json')))
    throw new PracticeError(`Release ${version} was not built: there is no ${releaseFolder(stage, version)}.`);
  const there = liveRecord(stage, instance);
  if (there && there.version === version && there.port === port) return 'already running';
  if (there)
    throw new PracticeError(`Instance ${instance} runs ${there.version} on port ${there.port}; stop it, or restart.`);
  mkdirSync(runFolder(stage), { recursive: true, mode: 0o700 });
  const nonce = randomBytes(8).toString('hex');
  const log = openSync(logFile(stage, instance), 'w', 0o600);
  const options = { stage, instance, version, port, nonce, 'idle-minutes': idleMinutes };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [program, 'serve', ...flags], { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  const answers = async () => (await askJson({ port, path: '/whoami' }))?.json.nonce === nonce;
  const up = await holdsWithin(async () => ended || (await answers()), 10_000);
  if (!up || ended) {
    child.kill('SIGKILL');
    const said = readFileSync(logFile(stage, instance), 'utf8').trim();
    throw new PracticeError(`Instance ${instance} did not start on port ${port}: ${said || 'it said nothing'}`);
  }
  child.unref();
  return 'started';
}

/**
 * Ends an instance; where none runs, only a left-over record is taken away.
 *
 * @param {string} stage @param {string} instance
 * @returns {Promise<'stopped' | 'was not running'>}
 */
export async function stop(stage, instance) {
  const record = liveRecord(stage, instance);
  if (record && (await endProcess(record, 5000)) === 'still there')
    throw new PracticeError(`Instance ${instance} (process ${record.pid}) does not end.`);
  rmSync(recordFile(stage, instance), { force: true });
  return record ? 'stopped' : 'was not running';
}

/**
 * @param {string} stage @param {string} instance
 * @returns {InstanceRecord | null} null: no such process lives
 */
export function liveRecord(stage, instance) {
  const record = readJson(recordFile(stage, instance));
  return isAlive(record) ? record : null;
}

/**
 * @param {string} stage
 * @returns {string[]} names of the instances that have a record, living or not
 */
export function instancesOf(stage) {
  try {
    const names = readdirSync(runFolder(stage)).filter((name) => /^[a-z]+\.json$/.test(name));
    return names.map((name) => name.replace(/\.json$/, '')).sort();
  } catch {
    return [];
  }
}

/**
 * A port of this machine that nobody listens on, below those the system hands out by itself, so that it is still
 * free when it is needed.
 *
 * @param {readonly number[]} not ports that are spoken for
 * @returns {Promise<number>}
 */
export async function freePort(not) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (!not.includes(port) && (await canListen(port))) return port;
  }
  throw new PracticeError('No free port between 20000 and 29999.');
}

/** @param {number} port @returns {Promise<boolean>} */
function canListen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
