/** A kind of step, and of its undo, to be killed in; its step is called `step`, and leaves a line `step` in the log. */
export type Kind = {
  readonly id: string;
  readonly step: string;
  /** The phase's own plan; absent: the undos of its steps. */
  readonly plan?: string;
  /** Checklist and gate of the phase; absent: none. */
  readonly ticks?: string;
  /** How often one attempt leaves its line; absent: once exactly. */
  readonly logs?: 'never' | 'several times';
  /** The line that taking it back leaves; absent: none. */
  readonly undone?: 'undo-step';
  /** How many attempts the definition grants; absent: one. */
  readonly attempts?: number;
  /** It wants a person at the terminal: it is begun on the screen, and goes on without one. */
  readonly isOnScreen?: true;
};

/** Prints its line, and lasts until its runner has written down which process it is; without a runner, a while. */
function lasting(line: string, attempt: string): string {
  const record = `home/runs/crash/*/attempts/*-${attempt}/command.json`;
  return `echo ${line} >> log; for n in $(seq 60); do ls ${record} > /dev/null 2>&1 && break; sleep 0.1; done`;
}

const undo = `undo: ${lasting('undo-step', 'undo-step')}`;

export const kinds: readonly Kind[] = [
  { id: 'terminal', step: `run: ${lasting('step', 'step')}\n        ${undo}`, undone: 'undo-step' },
  {
    id: 'pipes',
    step: `run: ${lasting('step', 'step')}; echo found
        terminal: false
        capture: VALUE
        verify: grep -qx step log
        undo: { run: '${lasting('undo-step', 'undo-step')}', verify: grep -qx undo-step log }`,
    undone: 'undo-step',
  },
  {
    id: 'interactive',
    step: `interactive: ${lasting('step', 'step')}\n        ${undo}`,
    undone: 'undo-step',
    isOnScreen: true,
  },
  {
    id: 'retry',
    step: `run: ${lasting('step', 'step')}; test "$(grep -cx step log)" -ge 2
        terminal: false
        retry: { times: 1, every: 200ms }
        ${undo}`,
    undone: 'undo-step',
    attempts: 2,
  },
  {
    id: 'manual',
    step: `manual: Look at it
        verify: test -e settings.txt
        ${undo}`,
    logs: 'never',
    undone: 'undo-step',
  },
  {
    id: 'ticks',
    step: `run: ${lasting('step', 'step')}\n        terminal: false\n        ${undo}`,
    ticks: `
    checklist: [{ id: seen, text: Seen, run: grep -qx step log }]
    gate: Go on?`,
    undone: 'undo-step',
  },
  { id: 'edit', step: 'edit: { file: settings.txt, replace: old, with: new }', logs: 'never' },
  {
    id: 'service',
    step: `service: echo step >> log; echo $$ > pid; exec sleep 300
        terminal: false
        ready: { run: grep -qx step log, within: 20s, every: 200ms }`,
  },
  {
    id: 'plan',
    step: `run: ${lasting('step', 'step')}\n        terminal: false\n        undo: "false"`,
    plan: `
      - { id: back, title: Back, run: '${lasting('undo-step', 'undo-only-back')}', terminal: false }
      - { id: seen, title: Seen, check: { run: grep -qx undo-step log }, within: 5s, every: 200ms }
      - { id: hand, title: By hand, manual: Look at it }`,
    undone: 'undo-step',
  },
  { id: 'check', step: 'check: { run: echo step >> log }', logs: 'several times' },
  {
    id: 'watch',
    step: 'watch: { check: echo step >> log, every: 200ms, for: 250ms, max-failures: 3 }',
    logs: 'several times',
  },
];

/** The runbook of a kind: its step, and one after it, which an unknown end of the first holds back. */
export function bookOfKind({ step, plan, ticks }: Kind): string {
  // A gate is asked before the next phase.
  const next = ticks === undefined ? '' : `${ticks}\n  - id: next\n    title: Next\n    steps:`;
  return `version: 1
id: crash
title: Crash
phases:
  - id: only
    title: Only
    steps:
      - id: step
        title: Step
        ${step}${next}
      - id: after
        title: After
        run: echo after >> log
        terminal: false
        needs: [step]
        undo: echo undo-after >> log
${plan === undefined ? '' : `    rollback:${plan}\n`}`;
}
