import { fillRecord } from './fill-secrets.ts';
import type { AttemptSpec, RunnerSecrets } from './spec.ts';

/** Says things about the operator's own terminal, or the runner, that are not true of the command's. */
const NOT_PASSED_ON = [
  'COLUMNS',
  'LINES',
  'TMUX',
  'TMUX_PANE',
  'STY',
  'WINDOW',
  'WINDOWID',
  'TERMCAP',
  'TERM_PROGRAM',
  'TERM_PROGRAM_VERSION',
  'NODE_CHANNEL_FD',
  'NODE_UNIQUE_ID',
] as const;

/** The environment of an attempt's commands: the one the runner was started with, the spec's, the secrets. */
export function commandEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  spec: AttemptSpec,
  secrets: RunnerSecrets,
): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !(NOT_PASSED_ON as readonly string[]).includes(name)) env[name] = value;
  }
  const hasTerminal = 'on' in spec.work && spec.work.on === 'pty';
  return {
    ...env,
    ...(hasTerminal ? { TERM: 'xterm-256color' } : {}),
    ...fillRecord(spec.env, secrets),
    ...secrets,
    RUNBOOK_ATTEMPT: `${spec.runId}/${spec.attempt}`,
  };
}
