import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What an instance writes about itself once it listens.
 *
 * @typedef {object} InstanceRecord
 * @property {string} instance `a` or `b`
 * @property {string} version of the release it serves
 * @property {number} port on 127.0.0.1
 * @property {number} pid
 * @property {string} started the system's word for when the process began; compared as text only
 * @property {string} nonce what the process answers on /whoami, so that a stranger on the same port is told apart
 */

/** @param {string} stage */
export function runFolder(stage) {
  return join(stage, 'run');
}

/** @param {string} stage @param {string} instance */
export function recordFile(stage, instance) {
  return join(runFolder(stage), `${instance}.json`);
}

/** @param {string} stage @param {string} instance */
export function logFile(stage, instance) {
  return join(runFolder(stage), `${instance}.log`);
}

/** @param {string} stage @param {string} version */
export function releaseFolder(stage, version) {
  return join(stage, 'releases', version);
}

/**
 * Reads a small JSON file.
 *
 * @param {string} file
 * @returns {any} absent, unreadable or torn: null
 */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Whole or not at all: a reader never sees half a file.
 *
 * @param {string} file @param {string | object} content an object is written as JSON
 */
export function writeWhole(file, content) {
  const temporary = join(dirname(file), `.${randomBytes(6).toString('hex')}.part`);
  const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A failure whose message is meant for the operator; the program ends with 1 and prints nothing else. */
export class PracticeError extends Error {}
