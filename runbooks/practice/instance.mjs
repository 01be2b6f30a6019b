import { createServer } from 'node:http';
import { join } from 'node:path';
import { readBody, sendJson } from './http.mjs';
import { startOf } from './processes.mjs';
import { PracticeError, readJson, recordFile, releaseFolder, writeWhole } from './records.mjs';

/**
 * One instance of the shop: serves a built release on a loopback port until it is told to end, its record is taken
 * away or belongs to another process, or nobody asked it anything for `idleMinutes`.
 *
 * @param {{stage: string, instance: string, version: string, port: number, nonce: string, idleMinutes: number}} options
 */
export function serve({ stage, instance, version, port, nonce, idleMinutes }) {
  const release = readJson(join(releaseFolder(stage, version), 'release.json'));
  if (release === null) throw new PracticeError(`There is no release ${version} in ${stage}.`);
  const shop = { stage, instance, version, port, nonce, release, askedAt: performance.now() };
  const server = createServer((request, response) => {
    answer(shop, request, response).catch((error) => sendJson(response, 500, { error: String(error) }));
  });
  const end = (/** @type {string} */ why) => {
    process.stdout.write(`${instance}: ending: ${why}\n`);
    // Answers that are under way are finished; a client that hangs is not waited for.
    server.close(() => process.exit(0));
    setTimeout(() => process.exit(0), 2000).unref();
  };
  server.on('error', (error) => {
    const taken = /** @type {NodeJS.ErrnoException} */ (error).code === 'EADDRINUSE';
    process.stderr.write(taken ? `Port ${port} is taken by another program.\n` : `${error.message}\n`);
    process.exit(1);
  });
  server.listen(port, '127.0.0.1', () => {
    const record = { instance, version, port, pid: process.pid, started: startOf(process.pid), nonce };
    writeWhole(recordFile(stage, instance), record);
    process.stdout.write(`${instance}: version ${version} listens on 127.0.0.1:${port}\n`);
    setInterval(() => {
      if (readJson(recordFile(stage, instance))?.nonce !== nonce) end('its record is gone');
      else if (performance.now() - shop.askedAt > idleMinutes * 60_000) end(`nobody asked for ${idleMinutes} minutes`);
    }, 1000);
  });
  process.once('SIGTERM', () => end('asked to'));
  process.once('SIGINT', () => end('asked to'));
}

/**
 * @param {{instance: string, version: string, nonce: string, release: any, askedAt: number}} shop
 * @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response
 */
async function answer(shop, request, response) {
  const { instance, version, release } = shop;
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (path === '/whoami') return sendJson(response, 200, { nonce: shop.nonce, pid: process.pid });
  shop.askedAt = performance.now();
  const healthy = release.health === 'ok';
  response.on('finish', () => tell(shop, request, response.statusCode));
  if (path === '/health') {
    const body = healthy ? { status: 'ok' } : { status: 'sick', reason: 'the price list can not be read' };
    return sendJson(response, healthy ? 200 : 503, { ...body, version, instance });
  }
  if (path === '/quote' && request.method === 'POST') return quote(shop, request, response);
  if (path !== '/') return sendJson(response, 404, { error: `There is no ${path} here.` });
  return sendJson(response, 200, { greeting: release.greeting, version, instance });
}

/**
 * A line of the log for what was asked, except for being healthy: that is asked all the time.
 *
 * @param {{release: any}} shop @param {import('node:http').IncomingMessage} request @param {number} status
 */
function tell({ release }, request, status) {
  const at = new Date().toISOString();
  if (request.url !== '/health') process.stdout.write(`${at} ${request.method} ${request.url} ${status}\n`);
  else if (status !== 200)
    process.stdout.write(`${at} ERROR not healthy (${release.health}): the price list can not be read\n`);
}

/** What something costs; stores nothing. @type {(...of: Parameters<typeof answer>) => Promise<void>} */
async function quote(shop, request, response) {
  const price = { tea: 3, cake: 4 };
  let order;
  try {
    order = JSON.parse((await readBody(request)).toString('utf8'));
  } catch {
    return sendJson(response, 400, { error: 'The body is not JSON.' });
  }
  const each = Object.hasOwn(price, order?.item) ? price[/** @type {keyof typeof price} */ (order.item)] : null;
  if (each === null) return sendJson(response, 422, { error: 'The shop sells tea and cake.' });
  if (!Number.isInteger(order.count) || order.count < 1) return sendJson(response, 422, { error: 'How many?' });
  return sendJson(response, 200, { item: order.item, total: each * order.count, version: shop.version });
}
