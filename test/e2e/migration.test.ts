import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { shipped } from '../runbooks/shipped.ts';
import { type BaseImages, baseImages } from '../stack/images/base-images.ts';
import { findPython } from '../stack/images/python-tree.ts';
import { goToProduction, projectFile } from '../stack/migration-run.ts';
import { type PaneFrames, recordPanes } from '../stack/pane-frames.ts';
import { type Registry, startRegistry } from '../stack/registry.ts';
import { build, forget, type ImageNames, imageNames, publish } from '../stack/releases.ts';
import { createStack, type Stack } from '../stack/stack.ts';
import { whatIsMissing } from '../stack/what-is-missing.ts';
import { git } from '../stack/working-copies.ts';
import { operatorAt } from '../support/operator.ts';
import { keys } from '../support/pty-program.ts';
import { newHome, type TestHome } from '../support/test-home.ts';

const runbook = shipped('python-3.12-migration');
const missing = whatIsMissing();

/** What all of this file's stacks stand on. */
type Ground = { readonly images: BaseImages; readonly registry: Registry; readonly names: ImageNames };
let ground: Ground | undefined;

beforeAll(async () => {
  const [old, young] = [findPython('3.11'), findPython('3.12')];
  if (missing !== undefined || !old || !young) return;
  const images = await baseImages({ old, new: young });
  const registry = await startRegistry();
  const names = imageNames(registry.address);
  ground = { images, registry, names };
  await build({ version: 'v2.1.16', base: images.oldPython }, names);
  await publish({ version: 'v2.2.0', base: images.newPython }, names);
  await publish({ version: 'v2.2.1', base: images.newPython, isSick: true }, names);
}, 300_000);

afterAll(async () => {
  if (ground === undefined) return;
  await forget(ground.names);
  await ground.registry.stop();
}, 60_000);

/** Production as it runs before the migration, and the program before it. */
async function production(context: TestContext, newVersion: string) {
  if (missing !== undefined || ground === undefined) return context.skip(`note: ${missing}`);
  const { images, registry, names } = ground;
  const stack = await createStack(names, images);
  context.onTestFinished(() => stack.remove(), 60_000);
  await stack.up();
  const home = newHome(context);
  home.write('runbook.yaml', projectFile({ stack, images, registry: registry.address, newVersion }));
  const program = home.open(['python-3.12-migration'], {
    // Wide enough for a whole line of Celery's.
    columns: 200,
    rows: 50,
    environment: { API_TOKEN: stack.token },
  });
  await program.waitForScreen('ROLL BACK');
  return { stack, home, program, operator: operatorAt(program, home, runbook) };
}

/** What a rollback has to leave as it was. */
async function worldOf(stack: Stack) {
  const [app, worker, postgres, redis] = await Promise.all(
    (['aiproxy-app', 'celery-worker', 'postgres', 'redis'] as const).map(stack.container),
  );
  return {
    images: [app?.image, worker?.image],
    data: [postgres?.id, redis?.id],
    composeFile: stack.composeFile(),
    health: await healthOf(stack),
  };
}

async function healthOf(stack: Stack): Promise<unknown> {
  return await (await fetch(`${stack.baseUrl}/api/v1/health`)).json();
}

type Status = {
  readonly status: string;
  readonly phases: readonly {
    readonly id: string;
    readonly steps: readonly { readonly id: string; readonly status: string }[];
  }[];
  readonly rollback?: { readonly ending?: { readonly kind: string } };
};

async function statusOf(home: TestHome): Promise<Status> {
  return JSON.parse((await home.run(['status', runbook.id, '--json'])).stdout) as Status;
}

/** How the steps of the production phase stand, those that are pending left out. */
function productionOf({ phases }: Status): Readonly<Record<string, string>> {
  const steps = phases.find(({ id }) => id === 'production')?.steps ?? [];
  return Object.fromEntries(steps.filter(({ status }) => status !== 'pending').map(({ id, status }) => [id, status]));
}

/** What every step of a phase up to one of them comes to, where all goes well. */
function allSucceeded(phaseId: string, upTo: string): Record<string, string> {
  const ids = runbook.phases.find(({ id }) => id === phaseId)?.steps.map(({ id }) => id) ?? [];
  return Object.fromEntries(ids.slice(0, ids.indexOf(upTo) + 1).map((id) => [id, 'succeeded']));
}

/** Both services were replaced under the pane's eyes: each has its one row in every frame, and no hole in its bars. */
function expectContainersThroughout(panes: PaneFrames): void {
  const frames = panes.containers();
  const named = (name: string) => frames.map((rows) => rows.filter((row) => row.name.startsWith(name)));
  const wrong = frames.filter((rows) => rows.length !== 4);
  expect(wrong).toEqual([]);
  for (const name of ['aiproxy', 'celery', 'postgres', 'redis']) {
    expect(named(name).every((rows) => rows.length === 1)).toBe(true);
    const marks = new Set(named(name).map(([row]) => row?.mark));
    expect([name, marks.has('✔'), marks.size > 1]).toEqual([name, true, name === 'aiproxy' || name === 'celery']);
    expect(named(name).filter(([row]) => /[▁-█] +[▁-█]/.test(row?.rest ?? ''))).toEqual([]);
  }
  expect(frames.at(-1)?.map(({ mark }) => mark)).toEqual(['✔', '✔', '✔', '✔']);
}

/** The pane went on with the new containers: what they said first, and what the old ones said, each once. */
function expectLogsThroughout(panes: PaneFrames): void {
  const rows = [...panes.logRows()];
  const count = (pattern: RegExp) => rows.filter((row) => pattern.test(row)).length;
  expect(count(/aiproxy-app .*Listening on 5050, Python 3\.12\.1/)).toBe(1);
  expect(count(/celery-worker .*Task songs\.generate.* succeeded/)).toBe(1);
}

describe.concurrent('the production phase of the shipped migration, on a real engine', () => {
  test('brings production to Python 3.12, and leaves the database alone', { timeout: 400_000 }, async (context) => {
    const { stack, home, program, operator } = await production(context, 'v2.2.0');
    const before = await worldOf(stack);
    expect(before.health).toEqual({ status: 'healthy', python: '3.11.7' });
    await goToProduction(operator, runbook);
    await program.waitForScreen(/Containers ─+ 4\/4 ✔/);
    const panes = recordPanes(program);
    await operator.runOnTo({ begun: 'soak', withinMs: 150_000 });
    await program.waitForScreen(/▶ Watch production for a day +watching/);
    await program.waitForScreen(/Containers ─+ 4\/4 ✔/);
    panes.stop();
    for (const item of ['prod-start', 'prod-health', 'prod-logs', 'prod-api']) await operator.tick(item);

    expect(productionOf(await statusOf(home))).toEqual({
      ...allSucceeded('production', 'smoke-account'),
      soak: 'running',
    });
    const after = await worldOf(stack);
    expect(after.data).toEqual(before.data);
    expect(after.images).not.toEqual(before.images);
    expect(after.health).toEqual({ status: 'healthy', python: '3.12.1' });
    expect(after.composeFile).toBe(before.composeFile.replaceAll(':v2.1.16', ':v2.2.0'));
    expect(git(stack.copies.origin, 'log', '-1', '--format=%s')).toBe('Migrate aiproxysrv to Python 3.12');
    // The song was ordered over HTTP with the token, and made by the new worker.
    expect(await stack.compose('logs', '--no-color', 'celery-worker')).toMatch(/songs\.generate.*succeeded/);
    for (const { data } of home.events(runbook.id)) expect(JSON.stringify(data)).not.toContain(stack.token);
    expectContainersThroughout(panes);
    expectLogsThroughout(panes);

    await operator.select('soak');
    program.press('x');
    await program.waitForScreen('y yes');
    program.press(keys.enter);
    await program.waitForScreen(/Watch production for a day +stopped/);
    program.press('q');
    await program.exited();
    await home.nothingLeftBehind();
  });

  test('with a sick version goes back with r, and all is as it was', { timeout: 400_000 }, async (context) => {
    const { stack, home, program, operator } = await production(context, 'v2.2.1');
    const before = await worldOf(stack);
    await goToProduction(operator, runbook);
    await operator.runOnTo({ why: /^“The app answers”: failed$/, withinMs: 180_000 });
    // What was wrong stands on the screen, not only that something was.
    await program.waitForScreen(/✖ The app answers +failed/);
    expect(program.screenText()).toContain('degraded');
    expect(await healthOf(stack)).toEqual({ status: 'degraded', python: '3.12.1' });
    expect(productionOf(await statusOf(home))).toEqual({
      ...allSucceeded('production', 'restart-app'),
      'app-health': 'failed',
    });

    program.press('r');
    await program.waitForScreen('Roll back · Production deployment');
    await program.waitForScreen((text) => text.includes('Start the old worker') && !text.includes('asking'));
    program.press(keys.enter);
    await program.waitForScreen('✔ Rolled back', { withinMs: 120_000 });
    expect((await statusOf(home)).rollback?.ending?.kind).toBe('rolled back');
    expect(await worldOf(stack)).toEqual(before);
    expect(before.health).toEqual({ status: 'healthy', python: '3.11.7' });
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes('✔ Rolled back'));
    program.press('q');
    await program.exited();
    await home.nothingLeftBehind();
  });
});
