import type { Problem } from '../problem.ts';
import { type ShellCommand, shellCommands } from '../shell-commands.ts';
import { type RuleContext, warning } from './context.ts';
import { type ScriptUse, scripts } from './scripts.ts';

type Trap = {
  readonly uses: readonly ScriptUse[];
  /** Given a command, and all of its script. */
  readonly catches: (command: ShellCommand, all: readonly ShellCommand[]) => boolean;
  readonly message: string;
};

const changing = ['run', 'undo', 'rollback'] as const;
const anywhere = ['run', 'interactive', 'service', 'question', 'undo', 'rollback'] as const;

const shellTraps: readonly Trap[] = [
  {
    uses: changing,
    catches: (command, all) => command === all.at(-1) && isActivation(command),
    message: 'this ends with the shell of its step; activate in `before` of the phase, or use `conda run -n NAME`',
  },
  {
    uses: changing,
    catches: (command, all) =>
      command === all[0] && all.every((one) => /^(?:cd|export|pushd)$/.test(one.words[0] ?? '')),
    message: 'this ends with the shell of its step, and later steps see nothing of it; use `cwd`, `env` or `before`',
  },
  {
    uses: ['run', 'question', 'undo', 'rollback'],
    catches: ({ words, after }) => after !== '&' && follows(words),
    message: 'this follows for ever and never ends by itself; leave the -f away, or use a `watch`',
  },
  {
    uses: ['run', 'question', 'undo', 'rollback'],
    catches: ({ words }) => wantsPerson(words),
    message: 'this waits for a person; leave -i and -t away, or make it `interactive`',
  },
  {
    uses: ['undo', 'rollback'],
    catches: ({ words }) => words.some((word) => /^(?:HEAD[~^]|HEAD@\{|ORIG_HEAD)/.test(word)),
    message: 'where HEAD is may have changed by then; note the commit with `capture` before the change, and use that',
  },
  {
    uses: ['undo', 'rollback'],
    catches: ({ words }) => takesLatest(words),
    message: '`latest` may be the new version by then; name the old version',
  },
  {
    uses: anywhere,
    catches: ({ words }) => words[0] === 'sed' && words.some((word, at) => word === '-i' && words[at + 1] === ''),
    message: "`sed -i ''` works on macOS only; use an `edit` step",
  },
  {
    uses: anywhere,
    catches: ({ words, after }) => words[0] === 'curl' && !reportsFailure(words) && after !== '|',
    message: 'curl exits 0 on 404 and 503 too; add -f, or use a `check` with http',
  },
  {
    uses: ['question'],
    catches: ({ words }) => words[0] === '!' && words[1] === 'ssh',
    message: 'a line that is lost holds here too; put the ! into what ssh runs: ssh HOST "! COMMAND"',
  },
  {
    uses: changing,
    catches: ({ words }) => composeArguments(words, 'pull')?.every((word) => word.startsWith('-')) ?? false,
    message: 'this pulls every service, the database too; name the services',
  },
  {
    uses: changing,
    catches: ({ words }) => detachedWithoutWait(words),
    message: '`up -d` ends when the containers are started, not when they are healthy; add --wait',
  },
];

/** What works in a terminal and surprises in a step. Hints, not errors: a script may know better. */
export function* traps(context: RuleContext): Iterable<Problem> {
  const { source, steps } = context;
  for (const { holder, key, text, use } of scripts(context)) {
    const all = shellCommands(text);
    for (const command of all) {
      for (const trap of shellTraps) {
        if (trap.uses.includes(use) && trap.catches(command, all)) {
          yield warning('trap', trap.message, source.within(holder, key, command));
        }
      }
    }
  }
  for (const { step } of steps) {
    if (step.retry === undefined || step.irreversible === undefined) continue;
    const message = "this step is repeated by itself and can't be taken back; half of it may happen twice";
    yield warning('trap', message, source.key(step, 'retry'));
  }
}

function isActivation({ words }: ShellCommand): boolean {
  const [first, second] = words;
  if ((first === 'conda' || first === 'mamba') && second === 'activate') return true;
  return (first === 'source' || first === '.') && (second === 'activate' || (second ?? '').endsWith('/activate'));
}

function follows(words: readonly string[]): boolean {
  const [first] = words;
  const isFlag = (word: string) => word === '--follow' || /^-[a-z]*[fF]$/.test(word);
  if (first === 'tail') return words.some((word) => isFlag(word) || word === '--follow=name');
  const logs = words.indexOf('logs');
  return (
    (first === 'docker' || first === 'docker-compose' || first === 'kubectl') &&
    logs > 0 &&
    words.slice(logs).some(isFlag)
  );
}

function wantsPerson(words: readonly string[]): boolean {
  if (words[0] !== 'docker' || words[1] === 'compose') return false;
  const at = words.findIndex((word) => word === 'run' || word === 'exec');
  if (at === -1) return false;
  const flags = words.slice(at + 1).filter((word) => /^-[a-z]+$/.test(word));
  return (
    flags.some((flag) => flag.includes('i') && flag.includes('t')) || (flags.includes('-i') && flags.includes('-t'))
  );
}

function reportsFailure(words: readonly string[]): boolean {
  return words.some(
    (word) => word.startsWith('--fail') || /^-[a-zA-Z]*f/.test(word) || word === '-w' || word === '--write-out',
  );
}

/** Whether an image is taken by the tag `latest`; putting the tag on an image is another matter. */
function takesLatest([program, verb, ...rest]: readonly string[]): boolean {
  if (program !== 'docker') return false;
  if (verb === 'tag') return (rest[0] ?? '').endsWith(':latest');
  return ['pull', 'run', 'create'].includes(verb ?? '') && rest.some((word) => word.endsWith(':latest'));
}

/** What follows `docker compose … VERB`; undefined for any other command. */
function composeArguments(words: readonly string[], verb: string): readonly string[] | undefined {
  const compose = words[0] === 'docker-compose' ? 0 : words[0] === 'docker' && words[1] === 'compose' ? 1 : -1;
  const at = compose === -1 ? -1 : words.indexOf(verb, compose + 1);
  return at === -1 ? undefined : words.slice(at + 1);
}

function detachedWithoutWait(words: readonly string[]): boolean {
  const rest = composeArguments(words, 'up') ?? [];
  return rest.some((word) => word === '-d' || word === '--detach') && !rest.some((word) => word.startsWith('--wait'));
}
