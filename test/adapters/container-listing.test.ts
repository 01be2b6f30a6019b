import { expect, test } from 'vitest';
import { createListing } from '../../src/adapters/container-listing.ts';
import type { DockerApi } from '../../src/adapters/docker-api.ts';

/** An engine with one container, that never says by itself that memory was wanting. */
function listing(state: () => { readonly Status: string; readonly ExitCode: number }) {
  const api: Pick<DockerApi, 'getJson'> = {
    getJson: async (path) => ({
      kind: 'answered',
      value: path.includes('?all')
        ? [{ Id: 'c1', Names: ['/app'], State: state().Status, Status: '' }]
        : { Id: 'c1', Name: '/app', State: { ...state(), OOMKilled: false }, Config: { Image: 'app' } },
    }),
  };
  const of = createListing(api as DockerApi, new AbortController().signal);
  return {
    ...of,
    only: async () => ((answer) => (answer.kind === 'answered' ? answer.value[0] : undefined))(await of.list()),
  };
}

test('the want of memory is known from an event where the engine tells it nowhere else', async () => {
  let state = { Status: 'exited', ExitCode: 137 };
  const { touch, only } = listing(() => state);
  expect(await only()).not.toHaveProperty('isOutOfMemory');
  touch('c1', 'oom');
  expect(await only()).toMatchObject({ isOutOfMemory: true, exitStatus: 137 });
  touch('c1', 'start');
  state = { Status: 'running', ExitCode: 0 };
  expect(await only()).not.toHaveProperty('isOutOfMemory');
  touch('c1', 'die');
  state = { Status: 'exited', ExitCode: 137 };
  expect(await only()).not.toHaveProperty('isOutOfMemory');
});

test('a process in it that wanted memory is not what ended it otherwise', async () => {
  const { touch, only } = listing(() => ({ Status: 'exited', ExitCode: 1 }));
  touch('c1', 'oom');
  expect(await only()).not.toHaveProperty('isOutOfMemory');
});
