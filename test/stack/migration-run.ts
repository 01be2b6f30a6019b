import type { Runbook } from '../../src/definition/runbook.ts';
import type { Operator } from '../support/operator.ts';
import type { BaseImages } from './images/base-images.ts';
import type { Stack } from './stack.ts';

/** `runbook.yaml` of a folder in which the shipped migration is run on a {@link Stack}: only values of variables. */
export function projectFile(values: {
  readonly stack: Stack;
  readonly images: BaseImages;
  readonly registry: string;
  readonly newVersion: string;
}): string {
  const { stack, images, registry, newVersion } = values;
  return `default: python-3.12-migration
vars:
  NEW_VERSION: ${newVersion}
  WORKSPACE: ${stack.copies.macbook}
  PROD_WORKSPACE: ${stack.copies.studio}
  REGISTRY: ${registry}
  OLD_BASE_IMAGE: ${images.oldPython}
  NEW_BASE_IMAGE: ${images.newPython}
  BASE_URL: ${stack.baseUrl}
`;
}

/** Steps of the first phase that want Conda. */
const condaSteps = ['tools', 'old-python', 'lint-before', 'format-before'];

/**
 * Everything before the production phase, as an operator does it who has neither Conda nor the registry's account at
 * hand: production is noted and backed up, the Dockerfile changed, the rest skipped with its reason.
 */
export async function goToProduction(operator: Operator, runbook: Runbook): Promise<void> {
  const stepsOf = (phaseId: string) => runbook.phases.find(({ id }) => id === phaseId)?.steps.map(({ id }) => id) ?? [];
  for (const id of condaSteps) await operator.skip(id, 'There is no Conda on this machine.');
  await operator.select('git-clean');
  await operator.runOnTo({ why: /^“Development environment” belongs on/, withinMs: 60_000 });
  for (const id of stepsOf('development')) await operator.skip(id, 'There is no Conda on this machine.');
  await operator.openGate();
  await operator.runStep('base-image');
  for (const id of stepsOf('images').filter((step) => step !== 'base-image'))
    await operator.skip(id, 'Both images are in the registry.');
  await operator.openGate();
}
