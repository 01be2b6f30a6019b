import type { Watched, WatchedState } from '../live/system.ts';
import { jsonAt, numberAt, textAt } from './json-at.ts';

/** What compose wrote on a container it made. */
export type ComposeLabels = {
  readonly project: string;
  readonly service: string;
  /** Which of the service's containers, from 1. */
  readonly number: number;
  /** Made by `compose run`: it is none of the service's own. */
  readonly isOneOff: boolean;
  /** Compose files, as they were named on the machine that made it. */
  readonly files: readonly string[];
};

/** A container as the engine tells it. */
export type ListedContainer = {
  readonly id: string;
  /** What compose puts before the name while it recreates a container is left out. */
  readonly name: string;
  /** Absent: compose did not make it. */
  readonly compose?: ComposeLabels;
  /** As the container was made from it. */
  readonly image: string;
  readonly state: WatchedState;
  readonly health?: NonNullable<Watched['health']>;
  readonly restarts: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch; absent: it never ran. */
  readonly startedAt?: number;
  /** Absent: it runs, or never ran. */
  readonly exitStatus?: number;
  readonly isOutOfMemory?: true;
  /** Its logs come as they are, without frames that keep stdout and stderr apart. */
  readonly isTty: boolean;
};

const STATES: readonly WatchedState[] = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];
const HEALTHS = ['starting', 'healthy', 'unhealthy'] as const;

/** Reads the engine's answer to `/containers/<id>/json`; what it lacks is taken as empty. Pure. */
export function readContainer(inspected: unknown): ListedContainer {
  const labels = jsonAt(inspected, 'Config', 'Labels');
  const compose = readCompose(labels);
  const state = STATES.find((one) => one === textAt(inspected, 'State', 'Status')) ?? 'created';
  const health = HEALTHS.find((one) => one === textAt(inspected, 'State', 'Health', 'Status'));
  const startedAt = timeOf(textAt(inspected, 'State', 'StartedAt'));
  const exitStatus = numberAt(inspected, 'State', 'ExitCode');
  const name = textAt(inspected, 'Name').replace(/^\//, '');
  return {
    id: textAt(inspected, 'Id'),
    name: compose === undefined ? name : name.replace(/^[0-9a-f]{12}_/, ''),
    ...(compose && { compose }),
    image: textAt(inspected, 'Config', 'Image'),
    state,
    ...(health && { health }),
    restarts: numberAt(inspected, 'RestartCount') ?? 0,
    createdAt: timeOf(textAt(inspected, 'Created')) ?? 0,
    ...(startedAt !== undefined && { startedAt }),
    ...(hasEnded(state) && exitStatus !== undefined && { exitStatus }),
    ...(jsonAt(inspected, 'State', 'OOMKilled') === true && { isOutOfMemory: true as const }),
    isTty: jsonAt(inspected, 'Config', 'Tty') === true,
  };
}

/**
 * What a row of `/containers/json` tells alone, for a container that can't be looked at closer now. Pure.
 *
 * @param known as it was looked at before.
 */
export function readRow(row: unknown, known: ListedContainer | undefined): ListedContainer {
  const Status = textAt(row, 'State');
  if (known !== undefined) return { ...known, state: STATES.find((one) => one === Status) ?? known.state };
  return readContainer({
    Id: jsonAt(row, 'Id'),
    Name: jsonAt(row, 'Names', '0'),
    Created: new Date((numberAt(row, 'Created') ?? 0) * 1_000).toISOString(),
    Config: { Labels: jsonAt(row, 'Labels'), Image: jsonAt(row, 'Image') },
    State: { Status },
  });
}

function readCompose(labels: unknown): ComposeLabels | undefined {
  const label = (name: string) => textAt(labels, `com.docker.compose.${name}`);
  const project = label('project');
  const service = label('service');
  if (project === '' || service === '') return undefined;
  return {
    project,
    service,
    number: Number(label('container-number')) || 1,
    isOneOff: label('oneoff') === 'True',
    files: label('project.config_files')
      .split(',')
      .filter((file) => file !== ''),
  };
}

function hasEnded(state: WatchedState): boolean {
  return state === 'exited' || state === 'dead' || state === 'restarting';
}

/** Before 1970: the engine's way to say never. */
function timeOf(text: string): number | undefined {
  const at = Date.parse(text);
  return at > 0 ? at : undefined;
}
