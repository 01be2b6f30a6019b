import { Box, type Key, useInput } from 'ink';
import { type ReactNode, useEffect, useInsertionEffect, useRef, useState } from 'react';
import { activeRollback, stateOf } from '../run/select.ts';
import { view as change, refuse } from './effects.ts';
import { contextOf, effectsOfKey, takesText } from './keymap.ts';
import { keyName } from './keys.ts';
import { perform } from './perform.ts';
import { isTicking, type LiveAnswers, type Reach, type Scene, sceneOf } from './scene.ts';
import { drawScreen } from './screen-frame.ts';
import type { ScreenPorts } from './screen-ports.ts';
import { graphemesOf } from './spans.ts';
import { standingOverlays } from './standing-overlays.ts';
import {
  useEngine,
  useFollowed,
  useHandOver,
  useLiveAnswers,
  useNews,
  useNow,
  usePastes,
  useRest,
  useStanding,
  useTyping,
  useView,
} from './store.ts';
import type { ViewAction } from './view-state.ts';
import { createViewStore } from './view-store.ts';
import { Paper } from './widgets/paper.tsx';

/** More different characters at once than anybody types. */
const typedAtOnce = 8;

/** The whole screen: wires view, keys and overlays, and draws. */
export function App(ports: ScreenPorts): ReactNode {
  const { engine, columns, rows, projectMonitor } = ports;
  const [store] = useState(() => createViewStore(firstActions(ports)));
  const snapshot = useEngine(engine);
  const { run, holding, trouble } = snapshot;
  const view = useStanding(useView(store), run, store);
  useNews(snapshot, store, ports);
  const output = useFollowed(ports.outputStatus);
  const system = useFollowed(ports.system);
  const logs = useFollowed(ports.logs);
  const drawChart = useFollowed(ports.chart);
  const hasCharts = view.zoom && view.focus === 'containers';
  useEffect(() => {
    if (hasCharts) ports.chart.load();
  }, [hasCharts, ports.chart]);
  const now = useNow(ports.now, isTicking(run) || system.status.kind === 'down');
  const drawn = useRef<{ readonly live: LiveAnswers; readonly reach: Reach }>({ live: {}, reach: noReach });

  const sceneWith = (live: LiveAnswers): Scene => {
    const { reach } = drawn.current;
    const current = engine.run();
    const view = { ...store.get(), overlays: standingOverlays(current, store.get().overlays) };
    const input = { run: current, view, engine, holding: engine.holding() };
    const followed = { output: ports.outputStatus.get(), system: ports.system.get(), logs: ports.logs.get() };
    return sceneOf({ ...input, ...followed, projectMonitor, now, burst: ports.currentBurst(), live, reach });
  };
  const followed = { output, system, logs, drawChart, projectMonitor };
  const bare = sceneOf({ run, view, engine, holding, now, burst: 0, ...followed, live: {}, reach: noReach });
  const editStepId = pendingEdit(bare);
  const live = useLiveAnswers({ engine, run, view, ...(editStepId === undefined ? {} : { editStepId }) });
  const frame = drawScreen({ ...bare, live }, { columns, rows, trouble });

  const told = JSON.stringify(frame.layout);
  // Insertion effects run before Ink writes the frame: whoever paints output knows the new place by then.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the layout is compared by its value
  useInsertionEffect(() => ports.onLayout(frame.layout), [told]);
  useInsertionEffect(() => {
    drawn.current = { live, reach: frame.reach };
  });

  const press = (name: string) => {
    if (!frame.usable) return blindKey(name, ports);
    if (store.get().message !== undefined) store.dispatch({ type: 'hush' });
    for (const effect of effectsOfKey(sceneWith(drawn.current.live), name)) perform(effect, ports, store);
  };
  useInput((input: string, key: Key) => {
    const inField = takesText(contextOf(sceneWith(live)));
    if (inField && keyName(input, key) === undefined && graphemesOf(input).length > 1) {
      return perform(change({ type: 'edit', edit: { kind: 'insert', text: input } }), ports, store);
    }
    for (const name of keyNames(input, key)) {
      if (name === undefined) perform(refuse('Pasted text goes into text fields only.'), ports, store);
      else press(name);
    }
  });
  usePastes(ports.onPaste, (text) => {
    const { typing } = store.get();
    if (typing !== undefined) engine.input(typing, new TextEncoder().encode(text));
    else if (takesText(contextOf(sceneWith(live))))
      perform(change({ type: 'edit', edit: { kind: 'insert', text } }), ports, store);
    else perform(refuse('Pasted text goes into text fields only.'), ports, store);
  });
  useTyping(ports, run, store);
  const isResting = useFollowed(ports.keysRest);
  useRest(isResting, store);
  const isBusy = view.overlays.length > 0 || view.typing !== undefined || isResting;
  useHandOver({ run, isWriter: holding.kind === 'writer', isBusy, store, handOver: ports.handOver });

  return (
    <Box width={columns} height={rows}>
      {frame.parts.map((part) => (
        <Paper key={part.id} part={part} />
      ))}
    </Box>
  );
}

const noReach: Reach = { overlay: 0, about: 0, detail: 0, containers: [] };

/** On a terminal that is too small only keys that change nothing count. */
function blindKey(name: string, ports: ScreenPorts): void {
  if (name === 'q' || name === 'ctrl-c') ports.leave();
  if (name === 'ctrl-l') ports.repaint();
  if (name === 'ctrl-z') ports.suspend();
}

/** What a reopened run has to say before the first key. */
function firstActions({ engine }: ScreenPorts): readonly ViewAction[] {
  const actions: ViewAction[] = [];
  if (activeRollback(engine.run()) !== undefined)
    actions.push({ type: 'open', overlay: { kind: 'rollback' }, burst: -1 });
  if (engine.definitionChange() !== undefined)
    actions.push({ type: 'open', overlay: { kind: 'definition' }, burst: -1 });
  if (engine.whileAway().length > 0) actions.push({ type: 'open', overlay: { kind: 'away' }, burst: -1 });
  return actions;
}

function pendingEdit({ row, run }: Scene): string | undefined {
  if (row?.kind !== 'step' || row.step.action.kind !== 'edit') return undefined;
  const { status } = stateOf(run, row.step.id);
  return status === 'pending' || status === 'undone' ? row.step.id : undefined;
}

/** Keys that came at once, over a slow line, one by one; undefined for what can only have been pasted. */
function keyNames(input: string, key: Key): readonly (string | undefined)[] {
  const single = keyName(input, key);
  if (single !== undefined) return [single];
  const characters = graphemesOf(input);
  if (characters.length < 2 || key.meta || key.ctrl) return [];
  if (characters.length > typedAtOnce && new Set(characters).size > 1) return [undefined];
  return characters.map((character) => namesOfControls[character] ?? character);
}

const namesOfControls: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  ' ': 'space',
  '\u007f': 'backspace',
  '\b': 'backspace',
};
