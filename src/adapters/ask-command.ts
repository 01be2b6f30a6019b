import { definedVariables } from './defined-variables.ts';
import { killGroupedCommands, runGrouped } from './grouped-command.ts';

/** What a command said that was asked for something it knows, such as its version. */
export type CommandAnswer =
  | { readonly kind: 'answered'; readonly text: string }
  /** `text` is what it printed, on either stream. */
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'hangs'; readonly afterMs: number }
  | { readonly kind: 'could not start'; readonly why: string };

/** Asks one command; never rejects, and leaves no process behind. */
export type AskCommand = (argv: readonly string[]) => Promise<CommandAnswer>;

/** @param timeoutMs after which a command is said to hang, and killed with all it started. */
export function createAskCommand(input: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly timeoutMs: number;
}): AskCommand {
  const { cwd, timeoutMs } = input;
  const env = definedVariables(input.environment);
  process.once('exit', killGroupedCommands);
  return async (argv) => {
    const end = await runGrouped({ argv, cwd, env, secrets: [], timeoutMs });
    switch (end.kind) {
      case 'exited':
        return { kind: end.status === 0 ? 'answered' : 'failed', text: end.tail.trim() };
      case 'killed':
        return { kind: 'failed', text: `killed by ${end.signal}` };
      case 'timed out':
        return { kind: 'hangs', afterMs: timeoutMs };
      case 'aborted':
        return { kind: 'could not start', why: 'the question was taken back' };
      case 'could not start':
        return { kind: 'could not start', why: end.message };
      default:
        return end satisfies never;
    }
  };
}
