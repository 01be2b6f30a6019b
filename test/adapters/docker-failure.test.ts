import { describe, expect, test } from 'vitest';
import { answerLate, answerRefused, clientMissing, failureOfClient } from '../../src/adapters/docker-failure.ts';

const RAW = 'failed to open the raw stream connection:';
const COPY =
  'error while Copy (stream to stdout): command [ssh -o ConnectTimeout=30 -T -- far docker system dial-stdio]';
const LATER =
  'has exited with exit status 255, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host:';

describe('what the client said at its end', () => {
  test.each([
    [
      `${RAW} dial unix /run/none.sock: connect: no such file or directory\n`,
      'engine gone',
      /answers at \/run\/none\.sock\./,
    ],
    [`${RAW} dial tcp 127.0.0.1:1: connect: connection refused\n`, 'engine gone', /answers at 127\.0\.0\.1:1\./],
    [`${RAW} dial tcp: lookup far: no such host\n`, 'engine gone', /No Docker engine answers\./],
    [
      `WARNING: Error loading config file: open /root/.docker/config.json: permission denied\n${RAW} dial unix /var/run/docker.sock: connect: permission denied\n`,
      'no permission',
      /You may not use the Docker engine at \/var\/run\/docker\.sock\./,
    ],
    [
      `${COPY} ${LATER} stderr=ssh: connect to host far port 22: Connection refused\n\n`,
      'ssh failed',
      /: ssh: connect to host far port 22: Connection refused\.$/,
    ],
    [
      `${COPY} ${LATER} stderr=me@far: Permission denied (publickey).\n\n`,
      'ssh failed',
      /me@far: Permission denied \(publickey\)\.$/,
    ],
    [`${COPY} ${LATER} stderr=Host key verification failed.\n\n`, 'ssh failed', /: Host key verification failed\.$/],
    [
      'error while Copy (stdin to stream): write |1: broken pipe\n',
      'ssh failed',
      /reached: its ssh ended before it said why\.$/,
    ],
    [
      'error while Copy (stdin to stream): write |1: file already closed\n',
      'ssh failed',
      /reached: its ssh ended before it said why\.$/,
    ],
    [
      'Failed to initialize: unable to resolve docker endpoint: context "x": context not found: open /x: no such file or directory\n',
      'no way',
      /context "x": context not found/,
    ],
    [
      'Failed to initialize: unable to resolve docker endpoint: invalid bind address format: bogus://x\n',
      'no way',
      /bogus:\/\/x\.$/,
    ],
    ['something new\n', 'broke off', /something new\.$/],
    ['', 'broke off', /The connection to the Docker engine ended\./],
  ])('%s', (words, kind, why) => {
    const failure = failureOfClient(words, 'linux');
    expect(failure).toEqual({ kind, why: expect.stringMatching(why), advice: expect.stringMatching(/^[A-Z`].*\.$/) });
  });

  test('advice is for the system it is on', () => {
    const words = `${RAW} dial unix /x: connect: no such file or directory`;
    expect(failureOfClient(words, 'darwin').advice).toContain('colima start');
    expect(failureOfClient(words, 'linux').advice).toContain('systemctl start docker');
  });
});

test('each failure says in a sentence what happened, and what to do', () => {
  const all = [
    clientMissing('docker is not found in PATH'),
    answerLate(10_000),
    answerRefused(500, 'boom'),
    answerRefused(503, ''),
    answerRefused(500, `${'long '.repeat(1_000)}`),
  ];
  for (const { why, advice } of all) {
    expect(why).toMatch(/^[A-Z].{0,400}\.$/);
    expect(advice).toMatch(/^[A-Z`].*\.$/);
  }
  expect(answerRefused(404, 'No such container: x').status).toBe(404);
});
