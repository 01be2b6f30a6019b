import { createServer } from 'node:http';
import { ask, askJson, readBody, sendJson } from './http.mjs';

/**
 * The shop's front door: passes requests on to the instances that say they are healthy, and has a customer who asks
 * ten times a second, so that a restart which is felt outside is seen.
 *
 * @param {{port: number, to: readonly number[]}} options ports of this machine
 */
export function front({ port, to }) {
  const door = {
    instances: to.map((instancePort) => ({ port: instancePort, healthy: false, version: '–' })),
    next: 0,
    answered: 0,
    failed: 0,
  };
  const server = createServer((request, response) => {
    pass(door, request, response).catch((error) => sendJson(response, 500, { error: String(error) }));
  });
  server.on('error', (error) => {
    process.stderr.write(`The front door can not open on port ${port}: ${error.message}\n`);
    process.exit(1);
  });
  server.listen(port, '127.0.0.1', async () => {
    await lookAtAll(door);
    process.stdout.write(`The front door is open: http://127.0.0.1:${port}/\n`);
    setInterval(() => void lookAtAll(door), 250);
    setInterval(() => void buy(door, port), 100);
    setInterval(() => process.stdout.write(`${describe(door)}\n`), 1000);
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.once(signal, () => {
      process.stdout.write(`The front door closes. ${describe(door)}\n`);
      process.exit(0);
    });
}

/**
 * @typedef {{instances: {port: number, healthy: boolean, version: string}[], next: number, answered: number,
 *   failed: number}} Door
 */

/** @param {Door} door */
async function lookAtAll(door) {
  await Promise.all(
    door.instances.map(async (instance) => {
      const answer = await askJson({ port: instance.port, path: '/health', timeoutMs: 3000 });
      instance.healthy = answer?.status === 200;
      instance.version = answer?.json.version ?? '–';
    }),
  );
}

/** @param {Door} door @param {number} port */
async function buy(door, port) {
  const answer = await ask({ port, path: '/', timeoutMs: 10_000 });
  if (answer?.status === 200) door.answered += 1;
  else door.failed += 1;
}

/**
 * @param {Door} door @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function pass(door, request, response) {
  const path = request.url ?? '/';
  if (path === '/front/status') {
    const healthy = door.instances.filter((instance) => instance.healthy).length;
    return sendJson(response, 200, { status: 'ok', healthy, answered: door.answered, failed: door.failed });
  }
  const method = request.method ?? 'GET';
  const body = await readBody(request);
  const headers = { 'content-type': request.headers['content-type'] ?? 'text/plain', 'content-length': body.length };
  door.next = (door.next + 1) % door.instances.length;
  const inTurn = [...door.instances.slice(door.next), ...door.instances.slice(0, door.next)];
  // An instance that was healthy a moment ago may be gone or sick by now: the other one is asked before giving up.
  for (const instance of inTurn.filter((candidate) => candidate.healthy)) {
    const answer = await ask({ port: instance.port, path, method, body, headers });
    if (!answer || (method === 'GET' && answer.status >= 500)) continue;
    response.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? 'text/plain' });
    response.end(answer.body);
    return;
  }
  sendJson(response, 502, { error: 'No instance is healthy.' });
}

/** @param {Door} door */
function describe(door) {
  const instances = door.instances.map(
    ({ port, healthy, version }) => `${healthy ? '●' : '○'} ${port} ${version}${healthy ? '' : ' out of service'}`,
  );
  return `${instances.join('   ')}   answered ${door.answered}   failed ${door.failed}`;
}
