import type { Host } from '../definition/runbook.ts';
import { matchesGlob } from '../live/matches-glob.ts';

/** Ids of the hosts that are this machine: those whose `hostname` glob (`*`, `?`) matches its name, with or without its domain. */
export function hostsHere(hosts: readonly Host[], hostName: string): readonly string[] {
  const short = hostName.replace(/\..*$/, '');
  return hosts
    .filter(
      (host) => host.hostname !== undefined && [hostName, short].some((name) => matches(host.hostname ?? '', name)),
    )
    .map((host) => host.id);
}

function matches(glob: string, name: string): boolean {
  return matchesGlob(glob.toLowerCase(), name.toLowerCase());
}
