import type { Run } from '../../src/run/state.ts';
import {
  anAttempt,
  anItem,
  aPhase,
  aRun,
  aRunbook,
  aStep,
  attemptsOf,
  endedLife,
  runBegan,
} from '../support/run-builder.ts';

const undo = { script: 'docker compose up -d --pull never celery-worker' };

/** A migration in its fourth phase: one step runs, three phases are behind it. */
export const book = aRunbook(
  [
    aPhase(
      'prerequisites',
      [aStep('disk', { title: 'Disk space' }), aStep('backup', { title: 'Back the database up' })],
      {
        title: 'Prerequisites',
        checklist: [anItem('told', 'The team is told')],
      },
    ),
    aPhase('development', [aStep('env', { title: 'Create the Conda environment', undo })], {
      title: 'Development',
      gate: 'All development tests are green. Go on to the images?',
    }),
    aPhase('images', [aStep('build', { title: 'Build the images' })], { title: 'Images' }),
    aPhase(
      'production',
      [
        aStep('push', {
          title: 'Push the release commit',
          irreversible: 'Others may already have pulled it.',
          action: { kind: 'run', script: 'git push origin main' },
        }),
        aStep('compose', {
          title: 'Point the compose file at v2.2.0',
          action: { kind: 'edit', edit: { file: 'docker-compose.yml', replace: 'v2.1.16', with: 'v2.2.0', times: 2 } },
        }),
        aStep('worker', {
          title: 'Restart celery-worker',
          action: { kind: 'run', script: 'docker compose up -d celery-worker' },
          undo,
        }),
        aStep('app', {
          title: 'Restart aiproxy-app',
          about: 'Replaces the **app** only when the worker answers.',
          action: { kind: 'run', script: 'docker compose up -d --wait aiproxy-app\ndocker compose ps' },
          undo: {
            script: 'docker compose up -d --pull never aiproxy-app',
            requires: { script: 'docker image inspect old', safe: true },
          },
          verify: 'curl -fsS localhost:5050/api/v1/health',
        }),
        aStep('docs', {
          title: 'Tell the users',
          action: { kind: 'manual', text: 'Write to **#ops**:\n\n- what changed\n- since when' },
        }),
        aStep('soak', {
          title: 'Watch production for a day',
          readonly: true,
          action: {
            kind: 'watch',
            probe: { kind: 'command', script: 'curl -fsS localhost:5050', timeoutMs: 1000 },
            everyMs: 60_000,
            forMs: 86_400_000,
            maxFailures: 3,
          },
        }),
      ],
      {
        title: 'Production deployment',
        host: 'studio',
        estimate: { minMs: 1_800_000, maxMs: 1_800_000 },
        checklist: [
          anItem('start', 'All services start'),
          anItem('health', 'Health checks are green', 'curl -fsS localhost:5050/api/v1/health'),
          anItem('log', 'No errors in the log'),
        ],
      },
    ),
    aPhase('cleanup', [aStep('prune', { title: 'Remove old images' })], { title: 'Clean-up' }),
  ],
  {
    title: 'Python 3.11 → 3.12',
    project: 'aiproxysrv',
    owner: 'Rob',
    status: 'planned',
    date: '2025-10-15',
    about:
      '# Why\n\nPython 3.11 is *old*.\n\n| Risk | Chance | Answer |\n|---|---|---|\n| Outage | low | `r` rolls back |\n\n1. one\n2. two',
    estimate: { minMs: 7_200_000, maxMs: 10_800_000 },
    hosts: [{ id: 'studio', about: 'Mac Studio M1', hostname: 'macstudio*', ssh: 'rob@macstudio' }],
    vars: [
      {
        name: 'NEW_VERSION',
        default: 'v2.2.0',
        type: 'string',
        secret: false,
        optional: false,
        about: 'Version to release',
      },
      { name: 'GITHUB_TOKEN', type: 'string', secret: true, optional: true, about: 'PAT for the registry' },
    ],
    references: [{ title: 'Python 3.12 release notes', url: 'https://docs.python.org/3.12/whatsnew/3.12.html' }],
    changelog: [{ date: '2025-10-15', version: '1.0', change: 'First edition' }],
    troubleshooting: [
      {
        id: 'module',
        title: 'Import error after the migration',
        phases: [],
        advice: 'Install the dependencies again.',
        fix: 'pip install -e .',
      },
    ],
    cheatsheet: [{ title: 'Docker', commands: [{ run: 'docker compose ps', about: 'Container status' }] }],
  },
);

const done = (attempt: number) => ({ status: 'succeeded', attempt, at: runBegan, how: 'verified' }) as const;
const at = (seconds: number) => ({ startedAt: runBegan + seconds * 1000 });

/** In the fourth phase, the worker being restarted since 42 seconds; `now` is `runningNow`. */
export const running: Run = aRun(book, {
  steps: {
    disk: done(1),
    backup: { status: 'skipped', at: runBegan, by: 'rob@studio', reason: 'dumped an hour ago' },
    env: done(2),
    build: done(3),
    push: done(4),
    compose: done(5),
    worker: { status: 'running', attempt: 6 },
  },
  items: {
    told: { status: 'ticked', at: runBegan, by: 'rob', how: 'person' },
    health: { status: 'ticked', at: runBegan, by: 'rob', how: 'command' },
  },
  attempts: [
    anAttempt(1, 'disk', endedLife(1000)),
    anAttempt(2, 'env', endedLife(20_000)),
    anAttempt(3, 'build', endedLife(900_000)),
    anAttempt(4, 'push', endedLife(4000)),
    anAttempt(5, 'compose', endedLife(100, { kind: 'done', found: 'replaced 2 times' })),
    anAttempt(
      6,
      'worker',
      { status: 'running', since: runBegan + 2_400_000 },
      { title: 'Restart celery-worker', ...at(2400) },
    ),
  ],
  rest: {
    values: { NEW_VERSION: 'v2.2.0' },
    confirmations: [
      { reason: 'gate', phaseId: 'development', accepted: 'person', said: 'yes', at: runBegan, by: 'rob@studio' },
    ],
    opened: { at: runBegan, by: 'rob@macstudio', host: 'macstudio' },
  },
});

/** 42 seconds after the running step began. */
export const runningNow = runBegan + 2_442_000;

/** The same, the worker's restart failed. */
export const failed: Run = {
  ...running,
  steps: {
    ...running.steps,
    worker: {
      status: 'failed',
      attempt: 6,
      at: runningNow,
      reasons: [
        { kind: 'unmet', unmet: { what: 'exit', wanted: '0', found: '18' } },
        { kind: 'verify', found: 'curl: (7) Failed to connect to localhost port 5050' },
      ],
    },
  },
  ...attemptsOf([
    ...running.attempts.slice(0, 5),
    anAttempt(6, 'worker', endedLife(42_000, { kind: 'exited', status: 18 }, runBegan + 2_400_000), {
      title: 'Restart celery-worker',
      ...at(2400),
    }),
  ]),
};

/** Nothing has been done. */
export const fresh: Run = aRun(book, { rest: { values: { NEW_VERSION: 'v2.2.0' } } });
