import { describe, expect, test } from 'vitest';
import type { RollbackPlan } from '../../src/run/event.ts';
import type { Run } from '../../src/run/state.ts';
import type { Effect } from '../../src/ui/effects.ts';
import { footerRow, keySections, keyTableMarkdown } from '../../src/ui/key-help.ts';
import { type Context, contextOf, effectsOfKey, keymap } from '../../src/ui/keymap.ts';
import type { LiveAnswers } from '../../src/ui/scene.ts';
import { plainText, rowWidth } from '../../src/ui/spans.ts';
import type { Overlay, ViewAction } from '../../src/ui/view-state.ts';
import { anAttempt, attemptsOf, runBegan } from '../support/run-builder.ts';
import { failed, fresh, running } from './migration.ts';
import { sceneWith } from './scene-with.ts';

const person = 'person' as const;
const step = (id: string, phaseId = 'production'): ViewAction => ({ type: 'select', phaseId, rowId: `step:${id}` });
const item = (id: string): ViewAction => ({ type: 'select', phaseId: 'production', rowId: `item:${id}` });
const focus = (pane: 'steps' | 'output' | 'phases'): ViewAction => ({ type: 'focus', pane });
const open = (overlay: Overlay, burst = 0, text = ''): ViewAction => ({ type: 'open', overlay, burst, text });
const unknown: Run = {
  ...running,
  steps: { ...running.steps, worker: { status: 'unknown', attempt: 6, at: 0, why: 'runner gone' } },
};
const manual: Run = {
  ...running,
  steps: { ...running.steps, docs: { status: 'running', attempt: 7 } },
  ...attemptsOf([...running.attempts, anAttempt(7, 'docs', { status: 'running', since: runBegan })]),
};
const phaseScope = { kind: 'phase', phaseId: 'production' } as const;
const planOverlay: Overlay = { kind: 'rollback plan', scope: phaseScope, narrow: phaseScope };
const plan: RollbackPlan = sceneWith(running).engine.rollbackPlan(phaseScope);
const dangerous: Run = {
  ...running,
  runbook: { ...running.runbook, phases: running.runbook.phases.map((phase) => ({ ...phase, danger: true })) },
};
const rolling: Run = {
  ...running,
  rollbacks: [
    {
      number: 1,
      plan,
      startedAt: runBegan,
      by: 'rob',
      accepted: person,
      items: { 'undo:worker': { status: 'failed', at: runBegan, reasons: [] }, 'undo:compose': { status: 'waiting' } },
      paused: false,
      attemptsBefore: 0,
    },
  ],
};

describe('keys lead to intents', () => {
  test.each<[string, string, Run, readonly ViewAction[], unknown]>([
    ['Enter runs', 'enter', running, [step('app')], { type: 'run step', stepId: 'app', answers: [], accepted: person }],
    ['Enter retries', 'enter', failed, [], { type: 'run step', stepId: 'worker', answers: [], accepted: person }],
    ['a runs on', 'a', failed, [], { type: 'run on', answers: [], accepted: person }],
    ['a holds', 'a', { ...running, runOn: {} }, [], { type: 'hold' }],
    ['space ticks', 'space', running, [item('log')], { type: 'tick item', itemId: 'log', accepted: person }],
    ['Enter ticks too', 'enter', running, [item('log')], { type: 'tick item', itemId: 'log', accepted: person }],
    [
      'space finishes a manual step',
      'space',
      manual,
      [step('docs')],
      { type: 'finish manual', stepId: 'docs', note: '', accepted: person },
    ],
    [
      'x, then yes',
      'enter',
      running,
      [open({ kind: 'yes or no', about: { kind: 'stop step', stepId: 'worker' } })],
      { type: 'stop step', stepId: 'worker' },
    ],
    [
      'x, then x',
      'x',
      running,
      [open({ kind: 'yes or no', about: { kind: 'stop step', stepId: 'worker' } })],
      { type: 'stop step', stepId: 'worker' },
    ],
    [
      'a gate, then yes',
      'y',
      running,
      [open({ kind: 'yes or no', about: { kind: 'gate', phaseId: 'development' } })],
      { type: 'open gate', phaseId: 'development', said: 'yes', accepted: person },
    ],
    [
      'a reason skips',
      'enter',
      running,
      [open({ kind: 'field', purpose: { kind: 'skip', stepId: 'app' } }, 0, ' not now ')],
      { type: 'skip step', stepId: 'app', reason: 'not now' },
    ],
    [
      'a note',
      'enter',
      running,
      [open({ kind: 'field', purpose: { kind: 'note', stepId: 'app', phaseId: 'production' } }, 0, 'hm')],
      { type: 'add note', text: 'hm', stepId: 'app', phaseId: 'production' },
    ],
    [
      'a variable',
      'enter',
      running,
      [open({ kind: 'field', purpose: { kind: 'variable', name: 'NEW_VERSION', secret: false } }, 0, 'v3')],
      { type: 'set variable', name: 'NEW_VERSION', value: 'v3' },
    ],
    [
      'an unknown step is adopted',
      'enter',
      unknown,
      [open({ kind: 'field', purpose: { kind: 'unknown', stepId: 'worker', choice: 'adopt as done' } }, 0, 'looked')],
      { type: 'resolve unknown', stepId: 'worker', choice: 'adopt as done', note: 'looked' },
    ],
    [
      'a failed undo is retried',
      'enter',
      rolling,
      [open({ kind: 'rollback' })],
      { type: 'retry undo', itemId: 'undo:worker' },
    ],
    [
      'a failed undo is skipped',
      'enter',
      rolling,
      [open({ kind: 'field', purpose: { kind: 'undo', itemId: 'undo:worker', choice: 'skipped' } }, 0, 'gone')],
      { type: 'resolve undo', itemId: 'undo:worker', choice: 'skipped', note: 'gone' },
    ],
    [
      'a rollback is given up',
      'enter',
      rolling,
      [open({ kind: 'field', purpose: { kind: 'give up' } }, 0, 'by hand')],
      { type: 'give up rollback', note: 'by hand' },
    ],
    [
      'the list of all phases ticks',
      'space',
      running,
      [open({ kind: 'checklist' })],
      { type: 'tick item', itemId: 'told', accepted: person },
    ],
  ])('%s', (_, key, run, actions, intent) => {
    expect(sent(effectsOfKey(sceneWith(run, actions), key))).toEqual([intent]);
  });

  test('Enter in the plan starts what the plan shows, and nothing else does', () => {
    const scene = sceneWith(running, [open(planOverlay)], { live: { plan } });
    expect(sent(effectsOfKey(scene, 'enter'))).toEqual([{ type: 'start rollback', plan, accepted: person }]);
    expect(sent(effectsOfKey(sceneWith(running, [open(planOverlay)]), 'enter'))).toEqual([]);
  });

  test('a plan of another scope than the dialog says is never started', () => {
    const whole: Overlay = { kind: 'rollback plan', scope: { kind: 'run' }, narrow: phaseScope };
    const effects = effectsOfKey(sceneWith(running, [open(whole)], { live: { plan } }), 'enter');
    expect(sent(effects)).toEqual([]);
    expect(said(effects)).toBe('The plan is not there yet.');
  });

  test('a dangerous phase wants its name first', () => {
    const live: LiveAnswers = { plan };
    const effects = effectsOfKey(sceneWith(dangerous, [open(planOverlay)], { live }), 'enter');
    expect(sent(effects)).toEqual([]);
    const overlay = opened(effects);
    expect(overlay).toMatchObject({ kind: 'questions', questions: [{ typed: 'production' }] });
    if (overlay === undefined) return;
    const wrong = sceneWith(dangerous, [open(planOverlay), open(overlay, 0, 'produktion')], { live });
    expect(said(effectsOfKey(wrong, 'enter'))).toMatch('Type “production” exactly');
    const right = sceneWith(dangerous, [open(planOverlay), open(overlay, 0, 'production')], { live });
    expect(sent(effectsOfKey(right, 'enter'))).toEqual([
      { type: 'start rollback', plan, accepted: person, typed: ['production'] },
    ]);
  });

  test('questions are answered one after the other, then the intent is sent again', () => {
    const intent = { type: 'run step', stepId: 'push', answers: [], accepted: person } as const;
    const ask = (reason: 'other host' | 'irreversible') =>
      ({ kind: 'confirm', reason, phaseId: 'production', text: 'Sure?', details: [] }) as const;
    const first: Overlay = {
      kind: 'questions',
      intent,
      questions: [ask('other host'), ask('irreversible')],
      answers: [],
    };
    // Running on is wanted with another key, but an answer before this one may have ended with Enter.
    const runOn = { type: 'run on', answers: [], accepted: person } as const;
    const asked = { ...first, intent: runOn, questions: [ask('irreversible')] } as const;
    const answered = { ...asked, answers: [{ reason: 'danger', phaseId: 'production', said: 'production' }] } as const;
    expect(sent(effectsOfKey(sceneWith(running, [open(asked)]), 'enter'))).toHaveLength(1);
    expect(sent(effectsOfKey(sceneWith(running, [open(answered)]), 'enter'))).toEqual([]);
    // Enter is what brought it up: held down, it would say yes.
    expect(opened(effectsOfKey(sceneWith(running, [open(first)]), 'enter'))).toBeUndefined();
    const effects = effectsOfKey(sceneWith(running, [open(first)]), 'y');
    expect(sent(effects)).toEqual([]);
    const second = opened(effects);
    if (second === undefined) throw new Error('no second question');
    const answers = [
      { reason: 'other host', phaseId: 'production', said: 'yes' },
      { reason: 'irreversible', phaseId: 'production', said: 'yes' },
    ];
    expect(sent(effectsOfKey(sceneWith(running, [open(second)]), 'y'))).toEqual([{ ...intent, answers }]);
    expect(sent(effectsOfKey(sceneWith(running, [open(second)]), 'escape'))).toEqual([]);
  });

  test('a secret goes beside the journal', () => {
    const intent = { type: 'run step', stepId: 'push', answers: [], accepted: person } as const;
    const questions = [{ kind: 'variable', name: 'GITHUB_TOKEN', secret: true, about: '' }] as const;
    const scene = sceneWith(running, [open({ kind: 'questions', intent, questions, answers: [] }, 0, 'hunter22')]);
    expect(effectsOfKey(scene, 'enter')).toMatchObject([
      {
        type: 'set secret',
        name: 'GITHUB_TOKEN',
        value: 'hunter22',
        next: [{ type: 'view' }, { type: 'send', intent }],
      },
    ]);
  });
});

describe('keys of the burst that opened a dialog', () => {
  test.each<[string, Overlay]>([
    ['enter', planOverlay],
    ['enter', { kind: 'yes or no', about: { kind: 'stop step', stepId: 'worker' } }],
    ['x', { kind: 'yes or no', about: { kind: 'stop step', stepId: 'worker' } }],
    ['y', { kind: 'yes or no', about: { kind: 'gate', phaseId: 'development' } }],
    ['enter', { kind: 'rollback' }],
    ['space', { kind: 'checklist' }],
    ['ctrl-c', { kind: 'yes or no', about: { kind: 'leave' } }],
  ])('%s never confirms', (key, overlay) => {
    const scene = sceneWith(rolling, [open(overlay, 5)], { live: { plan }, burst: 5 });
    expect(effectsOfKey(scene, key).filter((effect) => effect.type !== 'view')).toEqual([]);
  });

  test('r, r, r opens one plan', () => {
    const first = effectsOfKey(sceneWith(running), 'r');
    expect(opened(first)).toEqual(planOverlay);
    expect(effectsOfKey(sceneWith(running, [open(planOverlay, 5)]), 'r')).toEqual([]);
  });

  test('a held Enter runs one step, and never the next', () => {
    const once = effectsOfKey(sceneWith(failed), 'enter');
    expect(once).toContainEqual({ type: 'view', action: { type: 'ran', burst: 5 } });
    expect(effectsOfKey(sceneWith(failed, [{ type: 'ran', burst: 5 }]), 'enter')).toEqual([]);
    expect(effectsOfKey(sceneWith(failed, [{ type: 'ran', burst: 5 }]), 'a')).toEqual([]);
    expect(sent(effectsOfKey(sceneWith(failed, [{ type: 'ran', burst: 4 }]), 'enter'))).toHaveLength(1);
  });

  test('Enter on a done step goes to what is next, and runs nothing', () => {
    const effects = effectsOfKey(sceneWith(failed, [step('push')]), 'enter');
    expect(sent(effects)).toEqual([]);
    expect(effects).toContainEqual({ type: 'view', action: step('worker') });
  });
});

describe('a key that can not be used says why', () => {
  test.each<[string, Run, readonly ViewAction[], string]>([
    ['x', fresh, [], 'Nothing runs'],
    ['space', running, [step('app')], 'Space ticks'],
    ['s', running, [item('log')], 'Only a step'],
    ['enter', fresh, [focus('output')], 'Nothing runs here'],
    ['enter', manual, [step('docs')], 'space says that it is done'],
    ['[', running, [], 'no earlier attempt'],
    [']', running, [], 'the latest attempt'],
    ['T', running, [], 'writes the run already'],
    ['enter', running, [open({ kind: 'field', purpose: { kind: 'skip', stepId: 'app' } })], 'needs a reason'],
    ['enter', running, [open({ kind: 'field', purpose: { kind: 'note' } })], 'needs some text'],
    ['d', running, [open({ kind: 'rollback' })], 'Only an undo that failed'],
  ])('%s', (key, run, actions, why) => {
    const effects = effectsOfKey(sceneWith(run, actions), key);
    expect(sent(effects)).toEqual([]);
    expect(said(effects)).toMatch(why);
  });

  test.each(['enter', 'a', 'space', 's', 'm'])('%s gives the engine’s reason', (key) => {
    const row = key === 'space' ? item('log') : step('app');
    const scene = sceneWith(running, [row], { answers: { refusal: () => 'A rollback is under way.' } });
    expect(said(effectsOfKey(scene, key))).toBe('A rollback is under way.');
  });
});

describe('r', () => {
  const everywhere: readonly (readonly ViewAction[])[] = [
    [],
    [focus('output')],
    [focus('phases')],
    [open({ kind: 'help' })],
    [open({ kind: 'info' })],
    [open({ kind: 'away' })],
    [open({ kind: 'definition' })],
    [open({ kind: 'checklist' })],
    [open({ kind: 'variables' })],
    [open({ kind: 'unknown', stepId: 'worker' })],
    [open({ kind: 'yes or no', about: { kind: 'leave' } })],
  ];
  test.each(everywhere.map((actions) => [JSON.stringify(actions), actions] as const))(
    'opens the plan from %s',
    (_, actions) => {
      expect(opened(effectsOfKey(sceneWith(running, actions), 'r'))).toEqual(planOverlay);
      expect(opened(effectsOfKey(sceneWith(rolling, actions), 'r'))).toEqual({ kind: 'rollback' });
    },
  );

  test('is a letter in a text field, where Ctrl-R does it', () => {
    const scene = sceneWith(running, [open({ kind: 'field', purpose: { kind: 'note' } })]);
    expect(effectsOfKey(scene, 'r')).toEqual([
      { type: 'view', action: { type: 'edit', edit: { kind: 'insert', text: 'r' } } },
    ]);
    expect(opened(effectsOfKey(scene, 'ctrl-r'))).toEqual(planOverlay);
  });
});

describe('leaving', () => {
  test('asks only where something goes on', () => {
    expect(effectsOfKey(sceneWith(fresh), 'q')).toEqual([{ type: 'leave' }]);
    expect(opened(effectsOfKey(sceneWith(running), 'q'))).toEqual({ kind: 'yes or no', about: { kind: 'leave' } });
    expect(opened(effectsOfKey(sceneWith(running), 'ctrl-c'))).toEqual({ kind: 'yes or no', about: { kind: 'leave' } });
    const asked = sceneWith(running, [open({ kind: 'yes or no', about: { kind: 'leave' } })]);
    for (const key of ['enter', 'y', 'q', 'ctrl-c']) expect(effectsOfKey(asked, key)).toContainEqual({ type: 'leave' });
    for (const key of ['escape', 'n'])
      expect(effectsOfKey(asked, key)).toEqual([{ type: 'view', action: { type: 'close' } }]);
  });
});

describe('the table', () => {
  test('gives a key one meaning in one place', () => {
    const contexts = new Set(keymap.flatMap((binding) => binding.when));
    for (const context of contexts) {
      const keys = keymap.filter((binding) => binding.when.includes(context)).flatMap((binding) => binding.keys);
      expect([context, keys.filter((key, index) => keys.indexOf(key) !== index)]).toEqual([context, []]);
    }
  });

  test('describes every key, and shows none that does nothing', () => {
    for (const binding of keymap) expect(binding.about).not.toBe('');
    const table = keyTableMarkdown();
    for (const key of ['⏎', 'a', 'space', 'x', 's', 'r Ctrl-R', 'z', 'Tab', 'e', 'm', 'v', 'i', 'o', '?', 'q']) {
      expect(table).toContain(`| ${key} |`);
    }
    for (const later of ['/', 'n', 'N', 'y', 't', 'c', ':']) {
      const body: readonly Context[] = ['steps', 'phases', 'output'];
      expect(
        keymap.filter((binding) => binding.keys.includes(later) && body.some((one) => binding.when.includes(one))),
      ).toEqual([]);
    }
    expect(keySections().every((section) => section.keys.length > 0)).toBe(true);
  });

  test('fills the footer with whole entries, the way back among them, at any width', () => {
    const scenes = [
      sceneWith(running),
      sceneWith(running, [focus('output')]),
      sceneWith(running, [open(planOverlay)], { live: { plan } }),
      sceneWith(rolling, [open({ kind: 'rollback' })]),
      sceneWith(running, [open({ kind: 'field', purpose: { kind: 'note' } })]),
    ];
    for (const scene of scenes) {
      const whole = plainText(footerRow(scene, 1000)).trim().split('  ');
      for (let width = 60; width <= 200; width += 1) {
        const row = footerRow(scene, width);
        expect(rowWidth(row)).toBeLessThanOrEqual(width);
        for (const entry of plainText(row).trim().split('  ')) expect(whole).toContain(entry);
        expect(plainText(row)).toMatch(/r ROLL ?BACK|Ctrl-R ROLL BACK/i);
      }
    }
  });

  test('knows who has the keys', () => {
    expect(contextOf(sceneWith(running))).toBe('steps');
    expect(contextOf(sceneWith(running, [focus('output')]))).toBe('output');
    expect(contextOf(sceneWith(running, [open({ kind: 'info' })]))).toBe('reading');
  });
});

function sent(effects: readonly Effect[]): readonly unknown[] {
  return effects.flatMap((effect) => (effect.type === 'send' || effect.type === 'send first' ? [effect.intent] : []));
}

function opened(effects: readonly Effect[]): Overlay | undefined {
  for (const effect of effects) {
    if (effect.type !== 'view') continue;
    if (effect.action.type === 'open' || effect.action.type === 'replace') return effect.action.overlay;
  }
  return undefined;
}

function said(effects: readonly Effect[]): string | undefined {
  for (const effect of effects) if (effect.type === 'view' && effect.action.type === 'say') return effect.action.text;
  return undefined;
}
