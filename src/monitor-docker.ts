import { type ComposeProjects, createComposeProjects } from './adapters/compose-projects.ts';
import { type ContainerDirectory, createContainerDirectory } from './adapters/container-directory.ts';
import { type DockerApi, openDockerApi } from './adapters/docker-api.ts';

/** What feeds share: the way to the engine, opened when something asks for containers. */
export type Docker = {
  readonly api: DockerApi;
  /** Calls back also where another name of a compose project makes other containers the ones that are meant. */
  readonly directory: ContainerDirectory;
  readonly projects: ComposeProjects;
};

/** One way at a time: it is opened anew where the environment leads to another engine. */
export type DockerSharing = {
  readonly open: () => Docker;
  /**
   * Takes note that the environment may be another one. True: it may lead to another engine, so that feeds have to open
   * anew what they have opened; what is open goes on until `closeOld`.
   */
  readonly environmentChanged: () => boolean;
  readonly closeOld: () => void;
  readonly close: () => void;
};

/** @param input.environment what steps of the run are started with, now. */
export function shareDocker(input: {
  readonly environment: () => Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}): DockerSharing {
  const { environment, cwd } = input;
  let now: Docker | undefined;
  let old: Docker | undefined;
  let way = '';
  const closeOld = () => {
    closeAll(old);
    old = undefined;
  };
  return {
    open() {
      if (now === undefined) {
        way = wayIn(environment());
        now = openDocker({ environment, cwd });
      }
      return now;
    },
    environmentChanged() {
      if (now === undefined) return false;
      if (way === wayIn(environment())) {
        now.projects.environmentChanged();
        return false;
      }
      old = now;
      now = undefined;
      return true;
    },
    closeOld,
    close() {
      closeOld();
      closeAll(now);
    },
  };
}

function openDocker({ environment, cwd }: Parameters<typeof shareDocker>[0]): Docker {
  const api = openDockerApi({ environment: environment(), cwd });
  const directory = createContainerDirectory({ api });
  const projects = createComposeProjects({ environment });
  directory.subscribe(projects.askAgain);
  return {
    api,
    projects,
    directory: {
      ...directory,
      subscribe(listener) {
        const leaving = [directory.subscribe(listener), projects.subscribe(listener)];
        return () => {
          for (const leave of leaving) leave();
        };
      },
    },
  };
}

function closeAll(docker: Docker | undefined): void {
  docker?.projects.close();
  docker?.directory.close();
  docker?.api.close();
}

/** What of an environment decides where docker and compose look for the engine. */
function wayIn(environment: Readonly<Record<string, string | undefined>>): string {
  return JSON.stringify(
    Object.entries(environment)
      .filter(([name]) => /^(DOCKER|COMPOSE)_/.test(name))
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}
