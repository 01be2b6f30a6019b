#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, verifyRelease } from './build.mjs';
import { front } from './front.mjs';
import { askJson } from './http.mjs';
import { serve } from './instance.mjs';
import { freePort, instancesOf, liveRecord, start, stop } from './launch.mjs';
import { PracticeError } from './records.mjs';

const help = `The practice runbook's shop: a small service in two versions, on this machine only.

  free-port [--not PORT]...                    print a port nobody listens on
  build     --version V [--seconds N] [--broken]   build a release from STAGE/shop
  verify    --version V                        is the release built from the files as they are?
  start     --instance I --version V --port P  start an instance; it outlives this command
  restart   --instance I --version V --port P  stop it, then start it
  stop      [--instance I]                     stop one, or all
  status    [--instance I]... [--expect V]     who runs; with --expect: do all answer healthily as V?
  front     --port P --to PORT --to PORT       the front door, until it is stopped

All take --stage DIR (default: stage). An instance ends by itself after --idle-minutes (30) without a request, or
when its record in STAGE/run is taken away.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    stage: { type: 'string', default: 'stage' },
    instance: { type: 'string', multiple: true, default: [] },
    version: { type: 'string', default: '' },
    port: { type: 'string', default: '' },
    to: { type: 'string', multiple: true, default: [] },
    not: { type: 'string', multiple: true, default: [] },
    nonce: { type: 'string', default: '' },
    seconds: { type: 'string', default: '0' },
    expect: { type: 'string' },
    broken: { type: 'boolean', default: false },
    'idle-minutes': { type: 'string', default: '30' },
  },
});

/** @param {string} text @param {string} name @param {number} most @returns {number} */
function number(text, name, most) {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || value < 0 || value > most)
    throw new PracticeError(`--${name} wants a number up to ${most}, not "${text}".`);
  return value;
}

/** @returns {{stage: string, instance: string, version: string, port: number, idleMinutes: number}} */
function wanted() {
  const instance = values.instance[0] ?? '';
  if (!/^[a-z]+$/.test(instance)) throw new PracticeError(`--instance wants small letters, not "${instance}".`);
  if (values.version === '') throw new PracticeError('--version is missing.');
  const idleMinutes = number(values['idle-minutes'], 'idle-minutes', 10_000);
  return {
    stage: values.stage,
    instance,
    version: values.version,
    port: number(values.port, 'port', 65_535),
    idleMinutes,
  };
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

async function startOne() {
  const options = wanted();
  const done = await start({ ...options, program: fileURLToPath(import.meta.url) });
  say(`instance ${options.instance}: version ${options.version} ${done} on 127.0.0.1:${options.port}`);
}

async function stopSome() {
  const instances = values.instance.length > 0 ? values.instance : instancesOf(values.stage);
  if (instances.length === 0) say('no instance is running');
  for (const instance of instances) say(`instance ${instance}: ${await stop(values.stage, instance)}`);
}

async function showStatus() {
  const instances = values.instance.length > 0 ? values.instance : instancesOf(values.stage);
  let good = instances.length > 0;
  if (!good) say('no instance is running');
  for (const instance of instances) {
    const record = liveRecord(values.stage, instance);
    const answer = record ? await askJson({ port: record.port, path: '/health' }) : null;
    const { status = 'does not answer', version = '–' } = answer?.json ?? {};
    if (answer?.status !== 200 || version !== values.expect) good = false;
    say(`instance ${instance}: ${record ? `version ${version}, ${status}, process ${record.pid}` : 'not running'}`);
  }
  if (values.expect !== undefined && !good) throw new PracticeError(`Not all answer healthily as ${values.expect}.`);
}

/** @type {Record<string, () => unknown>} */
const commands = {
  'free-port': async () => say(String(await freePort(values.not.map(Number)))),
  build: () =>
    build({
      stage: values.stage,
      version: values.version,
      seconds: number(values.seconds, 'seconds', 3600),
      broken: values.broken,
    }),
  verify: () => verifyRelease(values.stage, values.version),
  start: startOne,
  restart: async () => {
    await stop(values.stage, wanted().instance);
    await startOne();
  },
  stop: stopSome,
  status: showStatus,
  front: () =>
    front({ port: number(values.port, 'port', 65_535), to: values.to.map((port) => number(port, 'to', 65_535)) }),
  serve: () => serve({ ...wanted(), nonce: values.nonce }),
};

const command = Object.hasOwn(commands, positionals[0] ?? '') ? commands[positionals[0] ?? ''] : undefined;
try {
  if (command) await command();
  else process.stdout.write(help);
  if (!command && positionals.length > 0) process.exitCode = 2;
} catch (error) {
  if (!(error instanceof PracticeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
