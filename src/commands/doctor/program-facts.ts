import type { ProgramUse } from '../../definition/shell-programs.ts';

/** Which packages there are: Homebrew's, Debian's, or nobody knows. */
export type Platform = 'macos' | 'debian' | 'other';

type Facts = {
  /** Arguments that make it print its version and do nothing else; absent: it isn't asked. */
  readonly ask?: readonly string[];
  /** What `brew install` takes; absent: its name. */
  readonly brew?: string;
  /** What `apt install` takes; absent: its name. */
  readonly apt?: string;
};

const plain: Facts = { ask: ['--version'] };

/** Only programs that are known to print their version harmlessly are asked for it: a script of the runbook may do anything. */
const facts: Readonly<Record<string, Facts>> = {
  bash: plain,
  bun: plain,
  cargo: { ...plain, brew: 'rust' },
  conda: { ...plain, brew: '--cask miniconda', apt: '' },
  curl: plain,
  docker: { ...plain, brew: 'docker docker-compose colima', apt: 'docker.io' },
  'docker-compose': plain,
  gh: plain,
  git: plain,
  go: { ask: ['version'], apt: 'golang' },
  jq: plain,
  kubectl: { ask: ['version', '--client'], apt: '' },
  make: plain,
  node: { ...plain, apt: 'nodejs' },
  npm: { ...plain, brew: 'node' },
  perl: plain,
  pg_dump: { ...plain, brew: 'libpq', apt: 'postgresql-client' },
  pip: { ...plain, brew: 'python', apt: 'python3-pip' },
  psql: { ...plain, brew: 'libpq', apt: 'postgresql-client' },
  python: { ...plain, apt: 'python-is-python3' },
  python3: { ...plain, brew: 'python' },
  'redis-cli': { ...plain, brew: 'redis', apt: 'redis-tools' },
  rsync: plain,
  ruff: { ...plain, apt: '' },
  ssh: { ask: ['-V'], brew: 'openssh', apt: 'openssh-client' },
  tmux: { ask: ['-V'] },
  zsh: plain,
};

/** How a program is asked for its version; undefined: it is not asked. */
export function versionQuestion(program: string): readonly string[] | undefined {
  return Object.hasOwn(facts, program) ? facts[program]?.ask : undefined;
}

/** How a missing program is had. */
export function programMend(program: string, platform: Platform): string {
  const known = Object.hasOwn(facts, program) ? facts[program] : undefined;
  const fallback = `Install ${program}, or put the folder that has it on your PATH before you start.`;
  if (program.includes('/')) return `Make ${program} an executable file, or correct its path.`;
  if (known === undefined || platform === 'other') return fallback;
  const name = (platform === 'macos' ? known.brew : known.apt) ?? program;
  if (name === '') return fallback;
  return platform === 'macos' ? `Install it: brew install ${name}` : `Install it: sudo apt install ${name}`;
}

/** The least version that a use of a program asks for, and what for; undefined: any. */
export function leastVersion({
  name,
  words,
}: ProgramUse): { readonly version: string; readonly why: string } | undefined {
  if (name === 'docker-compose') return { version: '2.0', why: 'Compose 1 is not maintained and behaves differently' };
  // https://github.com/git/git/blob/master/Documentation/RelNotes/2.23.0.adoc
  const verb = name === 'git' ? words.find((word) => word === 'restore' || word === 'switch') : undefined;
  return verb === undefined ? undefined : { version: '2.23', why: `git ${verb}` };
}

/** What a script uses that bash 3.2, as macOS ships it, doesn't have; undefined: nothing was noticed. */
export function bash4Feature(script: string): string | undefined {
  const features: readonly (readonly [RegExp, string])[] = [
    [/\b(?:declare|local|typeset)\s+-[a-zA-Z]*A/, 'associative arrays'],
    [/(?:^|[\s;|&])(?:mapfile|readarray)\s/m, 'mapfile'],
    [/\$\{\w+(?:\[[^\]]*\])?(?:,,?|\^\^?)\}/, 'changing the case in ${…}'],
    [/&>>/, '&>>'],
    [/\bshopt\s+-s\s+globstar\b/, 'globstar'],
  ];
  return features.find(([pattern]) => pattern.test(script))?.[1];
}
