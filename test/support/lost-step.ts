import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isThere } from './is-there.ts';
import { createTestHome, newHome, type TestHome } from './test-home.ts';
import { waitFor } from './wait-for.ts';

/** A step whose screen and runner were both killed in the middle of it, and what is left of it. */
export type LostStep = {
  readonly home: TestHome;
  /** The folder of its attempt. */
  readonly folder: string;
  /** Pid of the command that was left; it may have ended. */
  readonly command: number;
  /** Changes one of the attempt's JSON files. */
  readonly change: (file: string, change: (record: Readonly<Record<string, object>>) => object) => void;
  /** Text of a file beside the runbook; empty where there is none. */
  readonly read: (name: string) => string;
  readonly runAgain: (args?: readonly string[]) => ReturnType<TestHome['run']>;
  /** The same loss in a home of its own, which whoever asked for it removes. */
  readonly copy: () => LostStep;
};

export type LossyBook = {
  /** Keys of the step, as lines of YAML without their indentation. */
  readonly step?: readonly string[];
  /** What its command does after screen and runner were killed; absent: it ends. */
  readonly last?: string;
};

/**
 * Kills with -9 first the screen, then the runner of the command that this stands in, once the journal says that it was
 * started; the command goes on.
 */
export function killsBoth(attempt: string, number: number): string {
  return [
    `until grep -q 'AttemptSpawned.*"attempt":${number},' "$RUNBOOK_RUN_DIR"/journal.ndjson; do sleep 0.01; done`,
    `until test -e "$RUNBOOK_RUN_DIR"/attempts/*-${attempt}/command.json; do sleep 0.01; done`,
    'echo $$ > pid',
    'kill -9 $(ps -o ppid= -p $PPID)',
    'kill -9 $PPID',
  ].join('\n');
}

/**
 * The text of a runbook of two steps: the first is begun, prints a line, and loses screen and runner while it runs; begun
 * again, it ends well.
 */
export function lossyBook({ step = ["undo: 'echo undone >> log'"], last = 'exit 0' }: LossyBook = {}): string {
  const script = [
    'echo ran >> log',
    "echo 'the last line'",
    'if test -e pid; then exit 0; fi',
    killsBoth('push', 1),
    last,
  ];
  return `version: 1
id: lossy
title: Lossy
phases:
  - id: only
    title: Only
    steps:
      - id: push
        title: Push the commit
        terminal: false
        ${step.join('\n        ')}
        run: |
          ${script.join('\n').replaceAll('\n', '\n          ')}
      - id: after
        title: Comes after
        run: 'echo after >> log'
        undo: 'true'
`;
}

/** Runs such a runbook until nothing of it goes on but what `last` keeps going. */
export async function loseStep(
  context: { readonly onTestFinished: (fn: () => Promise<void>) => void },
  book: LossyBook = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<LostStep> {
  const home = newHome(context);
  home.write('lossy.yaml', lossyBook(book));
  await home.run(['run', 'lossy.yaml', '--yes'], { environment });
  const command = Number(readFileSync(join(home.workDir, 'pid'), 'utf8'));
  if (book.last === undefined) await waitFor(() => !isThere(command), { what: 'the command has ended' });
  const lost = lostIn(home, command, environment);
  const { runner } = JSON.parse(readFileSync(join(lost.folder, 'started.json'), 'utf8')) as {
    readonly runner: { readonly pid: number };
  };
  // It is killed after the screen, which is all that was waited for.
  await waitFor(() => !isThere(runner.pid), { what: 'the runner is gone' });
  return lost;
}

function lostIn(home: TestHome, command: number, environment: Readonly<Record<string, string>>): LostStep {
  const attempts = join(home.runDir('lossy'), 'attempts');
  const folder = join(attempts, readdirSync(attempts)[0] ?? '');
  return {
    home,
    folder,
    command,
    change: (file, change) => {
      const path = join(folder, file);
      writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as Record<string, object>)));
    },
    read: (name) => {
      const path = join(home.workDir, name);
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    },
    runAgain: (args = ['run', 'lossy.yaml', '--yes']) => home.run(args, { environment }),
    copy: () => {
      const other = createTestHome();
      cpSync(home.dataDir, other.dataDir, { recursive: true });
      cpSync(home.workDir, other.workDir, { recursive: true });
      return lostIn(other, command, environment);
    },
  };
}
