import { describeWork } from '../engine/describe.ts';
import type { Probes, Runners } from '../engine/ports.ts';
import type { AttemptResult, AttemptSpec } from '../runner/spec.ts';

const unseen = { kind: 'not known', why: 'nothing was executed' } as const;

/** Executes nothing: tells what would be executed, and says of everything that it went well. */
export function dryRunners(tell: (lines: readonly string[]) => void, now: () => number): Runners {
  const services = new Map<string, () => void>();
  return {
    prepare: () => Promise.resolve(),
    start: ({ folder, spec, report }) => {
      tell([...describeWork(spec.work), `in ${spec.cwd}`]);
      // After the engine has journaled the start, as a real runner's reports come.
      queueMicrotask(() => {
        report({ type: 'started', at: now() });
        const end = () => report({ type: 'ended', result: wouldSucceed(spec, now()) });
        if (spec.work.kind !== 'service') return end();
        services.set(folder, end);
        return report({ type: 'ready', at: now() });
      });
      return Promise.resolve();
    },
    examine: () => Promise.resolve({ kind: 'did not start' }),
    look: () => Promise.resolve({ runner: unseen, command: unseen, record: { kind: 'none' } }),
    attach: () => Promise.resolve(),
    stop: (folder) => {
      services.get(folder)?.();
      return Promise.resolve();
    },
    input: () => {},
    resize: () => {},
    stream: () => () => {},
    detach: () => Promise.resolve(),
  };
}

function wouldSucceed(spec: AttemptSpec, at: number): AttemptResult {
  const exit = spec.expect.exit[0] ?? 0;
  const executes = spec.work.kind === 'command';
  return {
    version: 1,
    startedAt: at,
    endedAt: at,
    durationMs: 0,
    ending: executes ? { kind: 'exited', status: exit } : { kind: 'done', found: 'not executed: a dry run' },
    unmet: [],
    groupGone: true,
    ...(spec.capture ? { captured: '<captured when it runs>' } : {}),
    output: { bytes: 0, cutBytes: 0, on: 'none' },
    notices: [],
  };
}

/** Asks only what the definition marks as safe to ask; of the rest it tells what would be asked. */
export function dryProbes(input: {
  readonly real: Probes;
  readonly isSafe: (script: string) => boolean;
  readonly tell: (lines: readonly string[]) => void;
}): Probes {
  return {
    ask: async (question) => {
      const script = question.argv.at(-1) ?? '';
      const safe = (question.purpose === 'unless' || question.purpose === 'requires') && input.isSafe(script);
      input.tell([`${question.purpose}? ${script.trimEnd().replaceAll('\n', '\n  ')}`]);
      // An `unless` that holds would hide its step; everything else is taken to go well.
      if (!safe) return { held: question.purpose !== 'unless', found: 'not asked: a dry run' };
      const answer = await input.real.ask(question);
      input.tell([`  ${answer.held ? 'holds' : `does not hold: ${answer.found}`}`]);
      return answer;
    },
  };
}
