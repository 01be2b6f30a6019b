/** Why the Docker engine did not answer as it should. */
export type DockerFailureKind =
  /** The operator's `docker` is not there, or can't be started. */
  | 'no client'
  /** Its context or DOCKER_HOST leads nowhere. */
  | 'no way'
  | 'engine gone'
  | 'no permission'
  /** The line to the host of the engine could not be had. */
  | 'ssh failed'
  /** The engine answered with an HTTP status that is no success. */
  | 'refused'
  | 'timed out'
  /** The connection ended in the middle. */
  | 'broke off';

/** A failure to be told. */
export type DockerFailure = {
  readonly kind: DockerFailureKind;
  /** A sentence: what happened. */
  readonly why: string;
  /** A sentence: what to do. */
  readonly advice: string;
  /** HTTP status; only of `refused`. */
  readonly status?: number;
};

const LOOK = '`docker context ls` shows where your docker looks.';
const SSH_ADVICE = 'Log in to that host with ssh once: it must work without a password or a question.';
const LONGEST_WORDS = 300;

/** What to do where the engine may not be used: on macOS there is no group that could be joined. */
export function allowAdvice(isMac: boolean): string {
  return isMac
    ? `Its socket belongs to another user; ${LOOK}`
    : 'Get the right to: sudo usermod -aG docker "$USER", then log in anew.';
}

/** What to do where no engine answers. */
export function startAdvice(isMac: boolean): string {
  return isMac
    ? `Start it: colima start, or open Docker Desktop; ${LOOK}`
    : `Start it: sudo systemctl start docker; ${LOOK}`;
}

/** @param reason why it could not be started, such as `docker is not found in PATH`. */
export function clientMissing(reason: string): DockerFailure {
  return {
    kind: 'no client',
    why: `Docker can't be asked: ${reason}.`,
    advice: 'Install Docker’s client, or start runbook with a PATH that has it.',
  };
}

/** The engine, or the client on the way to it, did not answer. */
export function answerLate(afterMs: number): DockerFailure {
  return {
    kind: 'timed out',
    why: `The Docker engine did not answer within ${afterMs / 1000} s.`,
    advice: `See whether \`docker ps\` answers; ${LOOK}`,
  };
}

/** @param message what the engine said, as it came. */
export function answerRefused(status: number, message: string): DockerFailure {
  const said = message.trim().slice(0, LONGEST_WORDS);
  return {
    kind: 'refused',
    why: `The Docker engine refused with status ${status}${said === '' ? '' : `: ${said}`}`.replace(/[^.!?]$/, '$&.'),
    advice: 'Its log says more: `journalctl -u docker`, or that of Docker Desktop or Colima.',
    status,
  };
}

/** The question could not even be put. @param error what was thrown. */
export function askingFailed(error: unknown): DockerFailure {
  return {
    kind: 'broke off',
    why: `The Docker engine can't be asked: ${error instanceof Error ? error.message : String(error)}.`,
    advice: 'See whether this machine has memory and file descriptors left (`ulimit -n`).',
  };
}

/**
 * What the end of the connection means. Pure.
 *
 * @param words what the client printed on its standard error.
 */
export function failureOfClient(words: string, platform: NodeJS.Platform): DockerFailure {
  const said = lastWords(words);
  const known = KNOWN.find(({ pattern }) => pattern.test(words));
  if (known !== undefined) return known.failure({ said, place: placeIn(words), platform });
  if (said === '') {
    return {
      kind: 'broke off',
      why: 'The connection to the Docker engine ended.',
      advice: `See whether the engine runs: \`docker version\`; ${LOOK}`,
    };
  }
  return {
    kind: 'broke off',
    why: `Docker’s client ended: ${said}.`,
    advice: `See what \`docker version\` says; ${LOOK}`,
  };
}

type Said = { readonly said: string; readonly place: string; readonly platform: NodeJS.Platform };

/** The first that matches holds: the more special stand first. */
const KNOWN: readonly { readonly pattern: RegExp; readonly failure: (words: Said) => DockerFailure }[] = [
  {
    pattern: /command \[ssh |^ssh: /m,
    failure: ({ said }) => ({
      kind: 'ssh failed',
      why: `The Docker engine’s host can't be reached: ${said}.`,
      advice: SSH_ADVICE,
    }),
  },
  {
    // The client talks to its ssh, and to nothing else, over pipes; one that is gone before the question was written to
    // it leaves these words alone, none of its own.
    pattern: /: (?:read|write) \|[01]: /,
    failure: () => ({
      kind: 'ssh failed',
      why: "The Docker engine’s host can't be reached: its ssh ended before it said why.",
      advice: SSH_ADVICE,
    }),
  },
  {
    pattern: /permission denied/i,
    failure: ({ place, platform }) => ({
      kind: 'no permission',
      why: `You may not use the Docker engine${place}.`,
      advice: allowAdvice(platform === 'darwin'),
    }),
  },
  {
    pattern: /unable to resolve docker endpoint|context not found|invalid bind address|unable to parse docker host/i,
    failure: ({ said }) => ({
      kind: 'no way',
      why: `Docker’s client does not know where the engine is: ${said}.`,
      advice: `${LOOK.replace('.', '')}, and DOCKER_HOST goes before it.`,
    }),
  },
  {
    pattern:
      /no such file or directory|connection refused|no such host|no route to host|i\/o timeout|is the docker daemon running/i,
    failure: ({ place, platform }) => ({
      kind: 'engine gone',
      why: `No Docker engine answers${place}.`,
      advice: startAdvice(platform === 'darwin'),
    }),
  },
];

/** ` at <address>` as the client tells it; empty: it does not. */
function placeIn(words: string): string {
  const [, at] = /dial (?:unix|tcp|npipe) (.*?): /.exec(words) ?? [];
  return at === undefined ? '' : ` at ${at}`;
}

/** The last line that says something; the reason alone, where ssh's stands at the end of the client's. */
function lastWords(words: string): string {
  const lines = words
    .replaceAll(/stderr=/g, '\n')
    .split('\n')
    .map((line) => line.trim().replace(/\.$/, ''))
    .filter((line) => line !== '' && !/^warning:/i.test(line));
  return (lines.at(-1) ?? '').slice(0, LONGEST_WORDS);
}
