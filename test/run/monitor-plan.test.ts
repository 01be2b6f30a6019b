import { describe, expect, test } from 'vitest';
import type { Monitor, Runbook } from '../../src/definition/runbook.ts';
import { monitorOf, planMonitor, planMonitors } from '../../src/run/monitor-plan.ts';
import { aRunbook } from '../support/run-builder.ts';

const place = { folder: '/books', home: '/home/rob', values: { DIR: '/srv/app', SERVICE: 'web', FILE: 'compose.yml' } };
const plan = (monitor: Partial<Monitor>) => planMonitor({ logs: [], ...monitor }, place);

describe('paths and names', () => {
  test.each<[string, string]>([
    ['${DIR}/${FILE}', '/srv/app/compose.yml'],
    ['./stack/compose.yml', '/books/stack/compose.yml'],
    ['stack/compose.yml', '/books/stack/compose.yml'],
    ['~/compose.yml', '/home/rob/compose.yml'],
    ['${NOBODY_KNOWS}/x', '/books/${NOBODY_KNOWS}/x'],
  ])('%s is %s', (compose, file) => {
    expect(plan({ docker: { compose } }).containers).toEqual({ kind: 'compose', file, services: [] });
  });

  test('containers by name, or all', () => {
    expect(plan({ docker: { containers: ['${SERVICE}-1', 'db'] } }).containers).toEqual({
      kind: 'named',
      names: ['web-1', 'db'],
    });
    expect(plan({ docker: { all: true } }).containers).toEqual({ kind: 'all' });
    expect(plan({}).containers).toBeUndefined();
  });
});

test('a group of logs is one source each of a project and of names; files keep their pattern', () => {
  const docker = { kind: 'docker', services: [], containers: [] } as const;
  expect(
    plan({
      logs: [
        { ...docker, compose: '${FILE}', services: ['${SERVICE}'], tail: 50 },
        { ...docker, compose: 'a.yml', containers: ['proxy'] },
        docker,
        { kind: 'file', file: '${DIR}/logs/*.log' },
      ],
    }).logs,
  ).toEqual([
    { kind: 'containers', of: { kind: 'compose', file: '/books/compose.yml', services: ['web'] }, tail: 50 },
    { kind: 'containers', of: { kind: 'compose', file: '/books/a.yml', services: [] } },
    { kind: 'containers', of: { kind: 'named', names: ['proxy'] } },
    { kind: 'containers', of: { kind: 'all' } },
    { kind: 'files', glob: '/srv/app/logs/*.log' },
  ]);
});

test('what the runbook says wins part by part over what the project says', () => {
  const alert = { pattern: 'x', max: 1, withinMs: 1000 };
  const book = (monitor?: Monitor): Runbook => ({ ...aRunbook([]), ...(monitor === undefined ? {} : { monitor }) });
  const project: Monitor = { docker: { all: true }, logs: [{ kind: 'file', file: 'p.log' }], alert };
  expect(monitorOf(book(), undefined)).toEqual({ logs: [] });
  expect(monitorOf(book(), project)).toEqual(project);
  expect(monitorOf(book({ docker: { compose: 'c.yml' }, logs: [] }), project)).toEqual({
    ...project,
    docker: { compose: 'c.yml' },
  });
});

test('each part of the plan stands on the folder of who said it', () => {
  const alert = { pattern: 'x', max: 1, withinMs: 1000 };
  const own: Monitor = { docker: { compose: 'c.yml' }, logs: [] };
  const project: Monitor = { docker: { all: true }, logs: [{ kind: 'file', file: 'p.log' }], alert };
  const said = [
    { monitor: own, folder: '/books' },
    { monitor: project, folder: '/project' },
  ];
  expect(planMonitors(said, place)).toEqual({
    containers: { kind: 'compose', file: '/books/c.yml', services: [] },
    logs: [{ kind: 'files', glob: '/project/p.log' }],
    alert,
  });
  expect(planMonitors([{ folder: '/books' }, { monitor: undefined, folder: '' }], place)).toEqual({ logs: [] });
});
