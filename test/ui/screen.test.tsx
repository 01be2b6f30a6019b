import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { afterEach, describe, expect, test } from 'vitest';
import type { Reply } from '../../src/engine/api.ts';
import type { UnknownEvidence } from '../../src/run/attempt-sighting.ts';
import type { RollbackPlan } from '../../src/run/event.ts';
import type { Rollback, Run } from '../../src/run/state.ts';
import { type FakeAnswers, type FakeEngine, fakeEngine } from '../support/fake-engine.ts';
import { keyBytes, type RenderedScreen, renderScreen } from '../support/render-screen.tsx';
import { anAttempt, aPhase, aRun, aRunbook, aStep, attemptsOf, runBegan } from '../support/run-builder.ts';
import { waitFor } from '../support/wait-for.ts';
import { book, failed, fresh, running, runningNow } from './migration.ts';

const screens: RenderedScreen[] = [];
afterEach(() => {
  for (const screen of screens.splice(0)) screen.close();
});

function show(
  run: Run,
  size: readonly [number, number] = [80, 24],
  answers: FakeAnswers = {},
): { readonly engine: FakeEngine; readonly screen: RenderedScreen } {
  const engine = fakeEngine(run, answers);
  const screen = renderScreen(engine, { columns: size[0], rows: size[1], now: runningNow });
  screens.push(screen);
  return { engine, screen };
}

async function picture(screen: RenderedScreen, name: string): Promise<void> {
  await expect(`${(await screen.rows()).join('\n')}\n`).toMatchFileSnapshot(`frames/${name}.txt`);
}

const unknown: Run = {
  ...running,
  steps: { ...running.steps, worker: { status: 'unknown', attempt: 6, at: 0, why: 'the machine was restarted' } },
  ...attemptsOf([
    ...running.attempts.slice(0, 5),
    anAttempt(6, 'worker', { status: 'lost', why: 'the machine was restarted', at: 0 }),
  ]),
};

const evidence: Partial<UnknownEvidence> = {
  seen: {
    runner: { kind: 'gone', why: 'machine restarted' },
    command: { kind: 'gone', why: 'machine restarted' },
    record: { kind: 'none' },
  },
  lastLines: ['[+] Running 1/2', 'Container celery-worker  Recreating'],
  verify: { kind: 'answered', held: false, found: 'connection refused' },
};

const outlook = (plan: RollbackPlan) => [
  { itemId: plan.items[0]?.id ?? '', kind: 'can work', found: 'image is there' } as const,
  { itemId: plan.items[1]?.id ?? '', kind: "can't work", found: 'the file was changed since' } as const,
];

const rollback: Rollback = {
  number: 1,
  plan: fakeEngine(failed).rollbackPlan({ kind: 'phase', phaseId: 'production' }),
  startedAt: runBegan,
  by: 'rob@macstudio',
  accepted: 'person',
  items: {
    'undo:worker': {
      status: 'failed',
      attempt: 7,
      at: runningNow,
      reasons: [{ kind: 'unmet', unmet: { what: 'exit', wanted: '0', found: '1' } }],
    },
    'undo:compose': { status: 'waiting' },
  },
  firstFailure: {
    itemId: 'undo:worker',
    attempt: 7,
    reasons: [{ kind: 'unmet', unmet: { what: 'exit', wanted: '0', found: '1' } }],
  },
  paused: false,
  attemptsBefore: 0,
};
const rolling: Run = {
  ...failed,
  rollbacks: [rollback],
  ...attemptsOf([
    ...failed.attempts,
    anAttempt(
      7,
      { kind: 'undo', rollback: 1, itemId: 'undo:worker' },
      { status: 'running', since: runningNow - 3000 },
      { startedAt: runningNow - 3000 },
    ),
  ]),
};

const sizes = [
  [80, 24],
  [120, 40],
  [160, 48],
  [200, 60],
] as const;

describe.each(sizes)('at %i×%i', (columns, rows) => {
  const states: readonly (readonly [string, Run, FakeAnswers])[] = [
    ['running', running, {}],
    ['failed', failed, {}],
    ['fresh', fresh, {}],
    ['unknown', unknown, {}],
    ['rolling', rolling, {}],
  ];
  test.each(states)('a run that is %s', async (name, run, answers) => {
    const { screen } = show(run, [columns, rows], answers);
    await screen.see('ROLL');
    const seen = await screen.rows();
    expect(seen).toHaveLength(rows);
    expect(screen.raw().split('\n').length).toBeLessThanOrEqual(rows);
    for (const row of seen) expect(stringWidth(row)).toBeLessThanOrEqual(columns);
    expectAligned(seen, columns);
    await picture(screen, `${name}-${columns}x${rows}`);
  });
});

describe.each([
  [80, 24],
  [160, 48],
] as const)('overlays at %i×%i', (columns, rows) => {
  const size = [columns, rows] as const;
  test.each<[string, Run, readonly string[], string, FakeAnswers]>([
    ['help', running, ['?'], 'Everywhere', {}],
    ['info', running, ['i'], 'About', {}],
    ['checklist', running, ['o'], '2/4 ticked', {}],
    ['variables', running, ['v'], 'NEW_VERSION', {}],
    ['note', running, ['m', 'saw it twice'], 'saw it twice', {}],
    ['skip', running, [keyBytes.down, 's'], 'Why is', {}],
    ['stop', running, ['x'], 'SIGINT', {}],
    ['leave', running, ['q'], 'goes on running', {}],
    ['rollback-plan', failed, ['r'], 'can still work', { outlook }],
    ['rollback-nothing', fresh, ['r'], 'nothing to undo', {}],
    ['rollback-desk', rolling, [], 'First failure', {}],
    ['rollback-skip', rolling, ['s'], 'Why?', {}],
    ['unknown', unknown, ['\r'], 'connection refused', { evidence }],
  ])('%s', async (name, run, keys, wanted, answers) => {
    const { screen } = show(run, size, answers);
    await screen.see('ROLL');
    await screen.keys(...keys);
    await screen.see(wanted);
    expectAligned(await screen.rows(), columns);
    await picture(screen, `overlay-${name}-${columns}x${rows}`);
  });

  test('while you were away, then the changed definition', async () => {
    const answers = {
      away: ['“Restart celery-worker” ended: exit status 0'],
      changes: ['~ worker: run', '+ new-step', '- old-step'],
    };
    const { screen, engine } = show(running, size, answers);
    await screen.see('While you were away');
    await picture(screen, `overlay-away-${columns}x${rows}`);
    await screen.press(keyBytes.enter);
    await waitFor(async () => !(await screen.text()).includes('While you were away'));
    await screen.see('The definition has changed');
    await picture(screen, `overlay-definition-${columns}x${rows}`);
    await screen.press('a');
    await waitFor(() => engine.choices.length > 0);
    expect(engine.choices).toEqual(['adopt']);
  });
});

test('what is open about a phase closes when a definition without it is adopted elsewhere', async () => {
  const { screen, engine } = show(running);
  await screen.see('ROLL');
  await screen.press('r');
  await screen.see('Roll back · Production');
  const phases = book.phases.filter((phase) => phase.id !== 'production');
  const left = new Set(phases.flatMap((phase) => phase.steps.map((step) => step.id)));
  const steps = Object.fromEntries(Object.entries(running.steps).filter(([id]) => left.has(id)));
  engine.become({ ...running, runbook: { ...book, phases }, steps, attempts: [], active: [] });
  await screen.see('The definition has changed: what was open is not in it.');
  expect(await screen.text()).not.toContain('Roll back ·');
});

test.each([
  [40, 10],
  [59, 30],
])('at %i×%i the screen says what it needs', async (columns, rows) => {
  const { screen } = show(running, [columns, rows]);
  await screen.see('60×16');
  await picture(screen, `too-small-${columns}x${rows}`);
  screen.resize(80, 24);
  await screen.see('ROLL BACK');
  screen.resize(40, 10);
  await screen.see('60×16');
});

test('on a terminal that is too small no key acts on what nobody sees', async () => {
  const { screen, engine } = show(failed, [40, 10]);
  await screen.see('60×16');
  await screen.keys('r', keyBytes.enter, keyBytes.enter, 'a', ' ', 'x', 'x');
  expect(engine.sent).toEqual([]);
  screen.resize(80, 24);
  await screen.see('⏎ retry');
  screen.resize(40, 10);
  await screen.see('60×16');
  await screen.press('q');
  expect(screen.calls).toEqual(['leave']);
});

test('the undo that runs gets the keyboard, and its output is scrolled', async () => {
  const busy: Run = {
    ...rolling,
    rollbacks: [{ ...rollback, items: { ...rollback.items, 'undo:worker': { status: 'running', attempt: 7 } } }],
  };
  const { screen, engine } = show(busy);
  await screen.see('Rollback ·');
  await screen.keys(keyBytes.pageUp, keyBytes.tab);
  expect(screen.scrolls).toEqual([{ kind: 'pages', by: -1 }]);
  await screen.see('typing · Ctrl-G ends');
  screen.raws()?.(new TextEncoder().encode('y\r'));
  expect(engine.typed).toEqual(['y\r']);
});

describe('what the painter of output is told', () => {
  test('the hole, the attempt, and the dialogs over it', async () => {
    const { screen } = show(running);
    await screen.see('following');
    expect(screen.layout()).toMatchObject({ attempt: 6, clip: [], hole: { x: 1, width: 78 }, columns: 78 });
    await screen.press('x');
    await screen.see('SIGINT');
    expect(screen.layout().clip).toHaveLength(1);
    expect(screen.layout().attempt).toBe(6);
  });

  test('nothing is painted where there is no output', async () => {
    const { screen } = show(fresh);
    await screen.see('Disk space');
    expect(screen.layout()).not.toHaveProperty('hole');
  });

  test('the rollback shows its own output, also below a dialog', async () => {
    const { screen } = show(rolling);
    await screen.see('First failure');
    expect(screen.layout()).toMatchObject({ attempt: 7, clip: [] });
    const { hole } = screen.layout();
    await screen.press('d');
    await screen.see('marked done');
    expect(screen.layout()).toMatchObject({ attempt: 7, hole });
    expect(screen.layout().clip).toHaveLength(1);
  });

  test('paused, with what is new', async () => {
    const { screen } = show(running);
    await screen.see('following');
    screen.setOutput({ following: false, newLines: 1234 });
    await screen.see('paused · 1,234 new');
    await screen.press(keyBytes.end);
    expect(screen.scrolls).toEqual([{ kind: 'end' }]);
  });
});

describe('keys', () => {
  test('arrows in the output scroll it, Tab goes there, Esc comes back', async () => {
    const { screen } = show(running);
    await screen.see('ROLL');
    await screen.keys(keyBytes.tab, keyBytes.up, keyBytes.pageUp, keyBytes.home, 'j');
    expect(screen.scrolls).toEqual([
      { kind: 'lines', by: -1 },
      { kind: 'pages', by: -1 },
      { kind: 'start' },
      { kind: 'lines', by: 1 },
    ]);
    await screen.press(keyBytes.escape);
    await screen.see('↑↓ step');
  });

  test('keys that came at once are taken one by one', async () => {
    const { screen } = show(running);
    await screen.see('ROLL');
    await screen.press('jj');
    await screen.see('▸○ Tell the users');
  });

  test('r and Enter in one burst start nothing; Enter by itself does', async () => {
    const { screen, engine } = show(failed);
    await screen.see('ROLL');
    await screen.press('r\r');
    await screen.see('Stays as it is');
    expect(engine.sent).toEqual([]);
    await screen.press(keyBytes.enter);
    await waitFor(() => engine.sent.length > 0);
    expect(engine.sent).toMatchObject([
      { type: 'start rollback', plan: { scope: { kind: 'phase', phaseId: 'production' } } },
    ]);
  });

  test('Tab widens the plan to the whole run', async () => {
    const { screen } = show(failed);
    await screen.see('ROLL');
    await screen.press('r');
    await screen.see('Roll back · Production deployment');
    await screen.press(keyBytes.tab);
    await screen.see('Roll back · the whole run');
  });

  test('a refusal of the engine is said, a question is asked, and the answer goes back', async () => {
    const question = {
      kind: 'confirm',
      reason: 'irreversible',
      phaseId: 'production',
      stepId: 'app',
      text: 'Point of no return. Run it?',
      details: ['stays'],
    } as const;
    const { screen, engine } = show(failed, [80, 24], {
      reply: (intent) => {
        if (intent.type === 'add note') return { kind: 'refused', why: 'The disk is full.' };
        if (intent.type !== 'run step' || intent.answers.length > 0) return { kind: 'done' };
        return { kind: 'ask', questions: [question] };
      },
    });
    await screen.see('ROLL');
    await screen.keys('m', 'x', keyBytes.enter);
    await screen.see('⚠ The disk is full.');
    await screen.keys(keyBytes.escape);
    await screen.see('⏎ retry');
    await screen.press(keyBytes.enter);
    await screen.see('Point of no return');
    await screen.press('y');
    await waitFor(() => engine.sent.length === 3);
    expect(engine.sent.at(-1)).toMatchObject({
      type: 'run step',
      stepId: 'worker',
      answers: [{ reason: 'irreversible', stepId: 'app', said: 'yes' }],
    });
  });

  test('a secret that is too short is refused, and never on the screen', async () => {
    const { screen, engine } = show(running);
    await screen.see('ROLL');
    await screen.keys('v', 'j', keyBytes.enter, 'abc');
    await screen.see('•••');
    await screen.press(keyBytes.enter);
    await screen.see('shorter than 4');
    screen.paste('defg');
    await screen.press(keyBytes.enter);
    await waitFor(() => engine.secrets.size > 0);
    expect(engine.secrets.get('GITHUB_TOKEN')).toBe('abcdefg');
    await screen.see('••••  ');
    expect(await screen.text()).not.toContain('abc');
    expect(engine.sent).toEqual([]);
  });

  test('a paste without a field does nothing', async () => {
    const { screen, engine } = show(failed);
    await screen.see('ROLL');
    screen.paste('rrr\r');
    await screen.see('Pasted text goes into text fields only');
    expect(engine.sent).toEqual([]);
    await screen.press('echo hello, this was pasted');
    await screen.see('Pasted text goes into text fields only');
    expect(engine.sent).toEqual([]);
  });

  test('Ctrl-C asks as q does, Ctrl-L and Ctrl-Z go outside, e opens the editor', async () => {
    const { screen } = show(running);
    await screen.see('ROLL');
    await screen.keys(keyBytes.ctrlL, keyBytes.ctrlZ, 'e', keyBytes.ctrlC);
    await screen.see('Nothing is stopped');
    expect(screen.calls).toEqual(['repaint', 'suspend', 'edit 1']);
    await screen.press(keyBytes.ctrlC);
    expect(screen.calls.at(-1)).toBe('leave');
  });

  test('zoom gives the output the whole screen', async () => {
    const { screen } = show(running);
    await screen.see('ROLL');
    await screen.keys(keyBytes.tab, 'z');
    await waitFor(() => screen.layout().hole?.y === 2);
    expect(screen.layout().hole).toEqual({ x: 1, y: 2, width: 78, height: 19 });
    await picture(screen, 'zoom-output-80x24');
  });
});

test('commands keep their size while another pane is zoomed', async () => {
  const { screen } = show(running);
  await screen.see('ROLL');
  const { columns, rows } = screen.layout();
  await screen.press('z');
  await waitFor(() => screen.layout().hole === undefined);
  expect(screen.layout()).toMatchObject({ columns, rows });
});

describe('typing', () => {
  test('all bytes go to the command until Ctrl-G', async () => {
    const { screen, engine } = show(running);
    await screen.see('ROLL');
    await screen.keys(keyBytes.tab, keyBytes.enter);
    await screen.see('typing · Ctrl-G ends');
    const receive = screen.raws();
    receive?.(new TextEncoder().encode('y\r\u0003'));
    receive?.(new TextEncoder().encode('x\u0007q'));
    expect(engine.typed).toEqual(['y\r\u0003', 'x']);
    await waitFor(() => screen.raws() === undefined);
    await screen.see('following');
  });

  test('ends with the attempt', async () => {
    const { screen, engine } = show(running);
    await screen.see('ROLL');
    await screen.keys(keyBytes.tab, keyBytes.enter);
    await screen.see('typing · Ctrl-G ends');
    engine.become(failed);
    await waitFor(() => screen.raws() === undefined);
  });
});

describe('interactive steps', () => {
  const interactive = aRunbook([
    aPhase('p', [aStep('login', { title: 'Log in', action: { kind: 'interactive', script: 'docker login' } })]),
  ]);
  const begun = aRun(interactive, {
    steps: { login: { status: 'running', attempt: 1 } },
    attempts: [anAttempt(1, 'login', { status: 'running', since: runBegan })],
  });

  test('get the terminal once when they begin here', async () => {
    const { screen, engine } = show(aRun(interactive));
    await screen.see('Log in');
    engine.become(begun);
    await waitFor(() => screen.calls.length > 0);
    engine.become({ ...begun, lastSeq: 9 });
    await screen.see('running');
    expect(screen.calls).toEqual(['hand over 1']);
  });

  test('get it again by Enter on a reopened screen', async () => {
    const { screen } = show(begun);
    await screen.see('⏎ terminal');
    expect(screen.calls).toEqual([]);
    await screen.press(keyBytes.enter);
    expect(screen.calls).toEqual(['hand over 1']);
  });
});

test('a text that is accepted is recorded once, however long that takes, and what is pressed meanwhile changes nothing', async () => {
  let record = () => {};
  const recorded = new Promise<Reply>((resolve) => {
    record = () => resolve({ kind: 'done' });
  });
  const { screen, engine } = show(running, [80, 24], { reply: () => recorded });
  await screen.keys('m', 'seen', keyBytes.enter);
  await waitFor(() => engine.sent.length > 0);
  await screen.keys(keyBytes.enter, keyBytes.escape, 'q');
  await screen.see('It is being recorded');
  expect(await screen.text()).toContain('> seen ');
  record();
  await waitFor(async () => !(await screen.text()).includes('> seen'));
  expect(engine.sent).toMatchObject([{ type: 'add note', text: 'seen' }]);
});

describe('a run that another screen holds', () => {
  const holding = {
    kind: 'viewer',
    holder: 'eva',
    host: 'macstudio',
    pid: 4711,
    since: runBegan,
    provenDead: false,
  } as const;

  test('says who, and takes over after asking', async () => {
    const { screen, engine } = show(running);
    engine.hold(holding);
    await screen.see('Read-only · eva on macstudio since');
    await screen.press('T');
    await screen.see('ask whoever holds it first');
    expect(engine.choices).toEqual([]);
    await screen.press(keyBytes.enter);
    await waitFor(() => engine.choices.length > 0);
    expect(engine.choices).toEqual(['take over from 4711']);
  });

  test('takes over from whom the question was about, whoever holds it by then', async () => {
    const { screen, engine } = show(running);
    engine.hold(holding);
    await screen.see('Read-only · eva');
    await screen.press('T');
    await screen.see('ask whoever holds it first');
    engine.hold({ ...holding, holder: 'max', pid: 99 });
    await screen.see('Read-only · max');
    expect(await screen.text()).toContain('Take the run over from eva');
    await screen.press(keyBytes.enter);
    await waitFor(() => engine.choices.length > 0);
    expect(engine.choices).toEqual(['take over from 4711']);
  });

  test('takes over at once where the holder is proven dead', async () => {
    const { screen, engine } = show(running);
    engine.hold({ ...holding, provenDead: true });
    await screen.see('(pid 4711, gone)');
    await screen.press('T');
    await waitFor(() => engine.choices.length > 0);
  });

  test('trouble stands above everything', async () => {
    const { screen, engine } = show(running);
    engine.troubled('The journal can not be written: no space left on device.');
    await screen.see('⚠ The journal can not be written');
  });
});

test('text from outside can not act on the terminal', async () => {
  const hostile = aRunbook(
    [aPhase('p', [aStep('s', { title: 'a\u001b]0;owned\u0007\u001b[2Jb\u202e', about: '\u001b[31m# x\u009b5n' })])],
    {
      title: 'T\u001bc\u0007',
    },
  );
  const { screen } = show(aRun(hostile));
  await screen.see('ROLL');
  expect(screen.raw()).not.toContain('\u001b]');
  expect(screen.raw()).not.toContain('\u001b[2J');
  expect(stripVTControlCharacters(screen.raw())).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
});

test('colour is never the only signal: every status has its own mark', async () => {
  const { screen } = show({
    ...failed,
    steps: {
      ...failed.steps,
      app: { status: 'stopped', attempt: 1, at: 0, reasons: [] },
      docs: { status: 'unknown', attempt: 1, at: 0, why: 'x' },
    },
  });
  await screen.see('ROLL');
  const text = await screen.text();
  for (const mark of ['✔ Push', '✖ Restart celery', '■ Restart aiproxy', '? Tell', '○ Watch'])
    expect(text).toContain(mark);
  for (const word of ['failed', 'stopped', 'unknown']) expect(text).toContain(word);
});

test('nothing is drawn while nothing happens', async () => {
  const { screen } = show(fresh);
  await screen.see('ROLL');
  const before = screen.frames();
  await screen.press(keyBytes.ctrlL);
  expect(screen.frames()).toBe(before);
  expect(book.phases).toHaveLength(5);
});

/** Every row between header and message ends with the right border, in the last column. */
function expectAligned(rows: readonly string[], columns: number): void {
  const body = rows.slice(columns < 100 ? 2 : 1, -2);
  for (const row of body) expect([row, stringWidth(row), /[│┤╮╯┃]$/.test(row)]).toEqual([row, columns, true]);
}
