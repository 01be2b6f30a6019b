import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { jsonSchema } from '../src/definition/json-schema.ts';
import { loadRunbook } from '../src/definition/load-runbook.ts';
import { loadProjectFile } from '../src/definition/project-file.ts';
import { keyTableMarkdown } from '../src/ui/key-help.ts';

const readme = await readFile('README.md', 'utf8');

test('lists the keys as the key table has them', () => {
  expect(readme).toContain(keyTableMarkdown().trim());
});

test('shows a runbook that loads without a problem', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(loadRunbook(example).problems).toEqual([]);
});

test('shows a `monitor` that loads without a problem', () => {
  const [, example = ''] = /```yaml\n(monitor:[\s\S]*?)```/.exec(readme) ?? [];
  const { project, problems } = loadProjectFile(example);
  expect(problems).toEqual([]);
  expect(project?.monitor?.logs).toHaveLength(2);
});

test('names every dependency with what it is for', async () => {
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const named = [...readme.matchAll(/^\| ([@a-z0-9/, -]+) \|/gm)].flatMap((match) => (match[1] ?? '').split(', '));
  expect(Object.keys(dependencies).filter((name) => !named.includes(name))).toEqual([]);
});

test('the schema that the shipped runbooks name is the one the program has', async () => {
  const shipped: unknown = JSON.parse(await readFile('runbooks/runbook.schema.json', 'utf8'));
  expect(shipped).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
});
