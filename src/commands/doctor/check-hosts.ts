import type { Finding } from './finding.ts';
import { allSteps, isHere, type Scope } from './scope.ts';

/** Which of the runbook's hosts this machine is, and what is done on the others. */
export function hostFindings(scope: Scope, hostName: string): readonly Finding[] {
  const { hosts } = scope.runbook;
  const used = hosts.filter(({ id }) => allSteps(scope).some((step) => step.host === id));
  const isNone = used.length > 0 && !used.some(({ id }) => isHere(scope, id));
  const none: Finding = {
    group: 'hosts',
    what: hostName,
    state: 'missing',
    isNeeded: false,
    found: `this machine is none of the runbook’s hosts: only steps without a host are checked`,
    neededBy: [],
    mend: 'Call this on the machine that is meant, or correct `hostname` of the host in the runbook.',
  };
  return [
    ...hosts.map((host): Finding => {
      const steps = allSteps(scope).filter((step) => step.host === host.id).length;
      const base = { group: 'hosts', what: host.id, isNeeded: false, neededBy: [] } as const;
      if (isHere(scope, host.id))
        return { ...base, state: 'found', found: `this machine, ${hostName}; ${count(steps)}` };
      const why =
        host.hostname === undefined ? 'has no `hostname` to know it by' : `not this machine (${host.hostname})`;
      return { ...base, state: 'not checked', found: `${why}; its ${count(steps)} ask before they run here` };
    }),
    ...(isNone ? [none] : []),
  ];
}

function count(steps: number): string {
  return steps === 1 ? '1 step' : `${steps} steps`;
}

/** Hosts with steps that are other machines and can be reached with ssh. */
export function sshHosts(scope: Scope): readonly string[] {
  return scope.runbook.hosts
    .filter(({ id, ssh }) => ssh !== undefined && !isHere(scope, id))
    .filter(({ id }) => allSteps(scope).some((step) => step.host === id))
    .map(({ id }) => id);
}
