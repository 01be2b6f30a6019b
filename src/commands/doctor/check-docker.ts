import type { AskCommand, CommandAnswer } from '../../adapters/ask-command.ts';
import { allowAdvice, startAdvice } from '../../adapters/docker-failure.ts';
import type { Finding } from './finding.ts';
import type { Platform } from './program-facts.ts';
import type { DockerNeeds } from './program-needs.ts';
import type { Users } from './scope.ts';
import { isOlder, versionIn } from './version.ts';

/** What of Docker is wanted by scripts, and by the panes for containers and logs. */
export type DockerWants = DockerNeeds & { readonly isMonitored: boolean; readonly isComposeMonitored: boolean };

/** What Docker's client said. */
export type DockerAnswers = {
  readonly engine: CommandAnswer;
  readonly compose: CommandAnswer;
  /** Name of the context and its endpoint; with DOCKER_HOST set, that is the endpoint. */
  readonly context: CommandAnswer;
};

/** Asks the operator's own `docker`, so that contexts and DOCKER_HOST hold; it changes nothing. */
export async function askDocker(ask: AskCommand): Promise<DockerAnswers> {
  const [engine, compose, context] = await Promise.all([
    ask(['docker', 'version', '--format', '{{.Server.Version}}']),
    ask(['docker', 'compose', 'version', '--short']),
    ask(['docker', 'context', 'inspect', '--format', '{{.Name}} {{.Endpoints.docker.Host}}']),
  ]);
  return { engine, compose, context };
}

/** Whether anything on this machine wants Docker. */
export function wantsDocker({ engine, compose, isMonitored }: DockerWants): boolean {
  return engine.here.length > 0 || compose.here.length > 0 || isMonitored;
}

/**
 * @param answers absent: nothing here wants Docker, and it was not asked.
 * @param dockerHost value of DOCKER_HOST.
 */
export function dockerFindings(
  wants: DockerWants,
  answers: DockerAnswers | undefined,
  machine: { readonly platform: Platform; readonly dockerHost: string | undefined },
): readonly Finding[] {
  const engine = wanted('Docker engine', wants.engine, wants.isMonitored);
  const compose = wanted('Docker Compose', wants.compose, wants.isComposeMonitored);
  return [
    ...(engine ? [answers && isHere(engine) ? engineFinding(engine, answers, machine) : engine] : []),
    ...(compose
      ? [answers && isHere(compose) ? composeFinding(compose, answers.compose, machine.platform) : compose]
      : []),
  ];
}

/** Before it was asked; what only the panes show is not needed to run. Undefined: nobody wants it. */
function wanted(what: string, users: Users, isMonitored: boolean): Finding | undefined {
  const base = { group: 'docker', what, state: 'not checked', neededBy: users.here } as const;
  if (users.here.length > 0) return { ...base, isNeeded: true };
  if (isMonitored) return { ...base, isNeeded: false, neededBy: ['monitor'] };
  if (users.hosts.length === 0) return undefined;
  return { ...base, isNeeded: false, found: `runs on ${users.hosts.join(', ')}` };
}

function isHere(finding: Finding): boolean {
  return finding.neededBy.length > 0;
}

function engineFinding(
  base: Finding,
  answers: DockerAnswers,
  { platform, dockerHost }: { readonly platform: Platform; readonly dockerHost: string | undefined },
): Finding {
  const way = reachedBy(answers.context, dockerHost);
  const { engine } = answers;
  if (engine.kind === 'could not start') {
    return {
      ...base,
      state: 'missing',
      found: engine.why,
      mend: 'Install Docker’s client first; see the command docker.',
    };
  }
  const start = startAdvice(platform === 'macos');
  if (engine.kind === 'hangs') {
    return {
      ...base,
      state: 'unusable',
      found: `does not answer within ${engine.afterMs / 1000} s (${way})`,
      mend: start,
    };
  }
  const version = engine.kind === 'answered' ? versionIn(engine.text) : undefined;
  if (version !== undefined) return { ...base, state: 'found', version, found: way };
  const isForbidden = /permission denied/i.test(engine.text);
  const why = isForbidden ? 'you may not use it' : 'it does not run, or is not where docker looks';
  const allow = allowAdvice(platform === 'macos');
  return { ...base, state: 'unusable', found: `${why} (${way})`, mend: isForbidden ? allow : start };
}

function reachedBy(context: CommandAnswer, dockerHost: string | undefined): string {
  if (dockerHost !== undefined && dockerHost !== '') return `DOCKER_HOST ${dockerHost}`;
  const [, name, endpoint] = (context.kind === 'answered' && /^(\S+) (\S+)$/m.exec(context.text)) || [];
  return name === undefined ? 'context not known' : `context ${name}, ${endpoint}`;
}

function composeFinding(base: Finding, answer: CommandAnswer, platform: Platform): Finding {
  const mend =
    platform === 'macos'
      ? 'Install version 2: brew install docker-compose, and do what it says about cliPluginsExtraDirs.'
      : 'Install version 2 as a plugin of docker: the package docker-compose-plugin of Docker, or docker-compose of Debian 13.';
  switch (answer.kind) {
    case 'could not start':
      return { ...base, state: 'missing', found: answer.why, mend };
    case 'hangs':
      return { ...base, state: 'unusable', found: `does not answer within ${answer.afterMs / 1000} s`, mend };
    case 'failed':
      return { ...base, state: 'missing', found: '`docker compose` is not there', mend };
    case 'answered': {
      const version = versionIn(answer.text);
      if (version === undefined) return { ...base, state: 'missing', found: '`docker compose` tells no version', mend };
      if (isOlder(version, '2.0')) return { ...base, state: 'too old', version, found: '2.0 is needed', mend };
      return { ...base, state: 'found', version };
    }
    default:
      return answer satisfies never;
  }
}
