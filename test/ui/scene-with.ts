import type { Holding } from '../../src/engine/api.ts';
import type { LogsStatus } from '../../src/live/log-status.ts';
import type { SystemSnapshot } from '../../src/live/system.ts';
import type { Run } from '../../src/run/state.ts';
import { type LiveAnswers, type Scene, sceneOf } from '../../src/ui/scene.ts';
import { firstView, reduceView, type ViewAction } from '../../src/ui/view-state.ts';
import { type FakeAnswers, fakeEngine } from '../support/fake-engine.ts';
import { quietLogs, quietSystem } from '../support/quiet-system.ts';
import { runningNow } from './migration.ts';

/** A scene of a run after some view actions; keys belong to burst 5 unless said otherwise. */
export function sceneWith(
  run: Run,
  actions: readonly ViewAction[] = [],
  more: {
    readonly answers?: FakeAnswers;
    readonly live?: LiveAnswers;
    readonly burst?: number;
    readonly holding?: Holding;
    readonly following?: boolean;
    readonly system?: SystemSnapshot;
    readonly logs?: LogsStatus;
    readonly now?: number;
  } = {},
): Scene {
  const engine = fakeEngine(run, more.answers);
  return sceneOf({
    run,
    view: actions.reduce(reduceView, firstView),
    engine,
    holding: more.holding ?? { kind: 'writer' },
    now: more.now ?? runningNow,
    burst: more.burst ?? 5,
    output: { following: more.following ?? true, newLines: more.following === false ? 1234 : 0 },
    live: more.live ?? {},
    system: more.system ?? quietSystem,
    logs: more.logs ?? quietLogs,
    reach: { overlay: 3, about: 3, detail: 3, containers: ['app', 'db', 'worker'] },
  });
}
