import type { Reply } from '../engine/api.ts';
import type { Intent } from '../run/intent.ts';
import { type Effect, refuse, view } from './effects.ts';
import type { ScreenPorts } from './screen-ports.ts';
import { topOverlay, type ViewAction } from './view-state.ts';
import type { ViewStore } from './view-store.ts';

/** Performs what keys led to; answers of the engine come back as further effects. */
export function perform(effect: Effect, ports: ScreenPorts, store: ViewStore): void {
  const all = (effects: readonly Effect[]) => {
    for (const one of effects) perform(one, ports, store);
  };
  const burst = ports.currentBurst();
  const follow = (reply: Promise<Reply>, next: (reply: Reply) => readonly Effect[]) => {
    reply.then(
      (answered) => all(next(answered)),
      (error: unknown) =>
        all([refuse(error instanceof Error ? error.message : String(error)), view({ type: 'answered' })]),
    );
  };
  switch (effect.type) {
    case 'view':
      changeView(effect.action, burst, store);
      return;
    case 'send':
      follow(ports.engine.send(effect.intent), (reply) => afterReply(effect.intent, reply, burst));
      return;
    case 'send first':
      store.dispatch({ type: 'sent' });
      follow(ports.engine.send(effect.intent), (reply) => [
        ...(reply.kind === 'done' ? effect.next : afterReply(effect.intent, reply, burst)),
        view({ type: 'answered' }),
      ]);
      return;
    case 'set secret': {
      const reply = ports.engine.setSecret(effect.name, effect.value);
      all(reply.kind === 'refused' ? [refuse(reply.why)] : effect.next);
      return;
    }
    case 'take over':
      follow(ports.engine.takeOver(effect.from), (reply) =>
        reply.kind === 'refused'
          ? [refuse(reply.why)]
          : [view({ type: 'say', text: 'This screen writes the run now.', tone: 'good' })],
      );
      return;
    case 'answer definition':
      follow(ports.engine.answerDefinitionChange(effect.choice), (reply) =>
        reply.kind === 'refused'
          ? [refuse(reply.why)]
          : [view({ type: 'say', text: definitionAnswered[effect.choice], tone: 'good' })],
      );
      return;
    case 'scroll':
      ports.scrollOutput(effect.command);
      return;
    case 'scroll logs':
      ports.logs.scroll(effect.command);
      return;
    case 'follow logs':
      ports.logs.follow(effect.start);
      return;
    case 'open editor':
      ports.openEditor(effect.line);
      return;
    case 'hand over':
      ports.handOver(effect.attempt);
      return;
    case 'suspend':
      ports.suspend();
      return;
    case 'repaint':
      ports.repaint();
      return;
    case 'leave':
      ports.leave();
      return;
    default:
      effect satisfies never;
  }
}

/** Whoever gets the keys by this does not get the rest of the burst that is coming in: it was meant for what was there. */
function changeView(action: ViewAction, burst: number, store: ViewStore): void {
  const before = topOverlay(store.get())?.overlay;
  store.dispatch(action);
  if (topOverlay(store.get())?.overlay !== before) store.dispatch({ type: 'ran', burst });
  if (action.type === 'edit') store.dispatch({ type: 'edited', burst });
}

const definitionAnswered = {
  stay: 'The run goes on by the stored definition.',
  adopt: 'The run goes by the changed definition now.',
} as const;

/** What the engine's answer to an intent leads to. `burst` is the one whose key sent it: its keys confirm nothing. */
export function afterReply(intent: Intent, reply: Reply, burst: number): readonly Effect[] {
  switch (reply.kind) {
    case 'refused':
      return [refuse(reply.why)];
    case 'ask':
      return [
        view({
          type: 'open',
          overlay: { kind: 'questions', intent, questions: reply.questions, answers: [] },
          burst,
        }),
      ];
    case 'done':
      return afterDone(intent, burst);
    default:
      return reply satisfies never;
  }
}

/** What is decided about is left; a rollback is looked at while it goes on. */
function afterDone(intent: Intent, burst: number): readonly Effect[] {
  switch (intent.type) {
    case 'start rollback':
    case 'retry undo':
    case 'resolve undo':
      return [view({ type: 'close all' }), view({ type: 'open', overlay: { kind: 'rollback' }, burst })];
    case 'resolve unknown':
      return [view({ type: 'close all' })];
    default:
      return [];
  }
}
