import type { Runbook } from '../definition/runbook.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * An environment without a runbook's secrets: for what is started beside its commands, which alone are given them.
 */
export function withoutSecrets(environment: Environment, runbook: Runbook): Environment {
  const secrets = new Set(runbook.vars.filter((one) => one.secret).map((one) => one.name));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !secrets.has(name)));
}
