import { expect, test } from 'vitest';
import { jsonSchema, projectJsonSchema } from '../../src/definition/json-schema.ts';

type Schema = { [key: string]: unknown; properties?: Record<string, Schema> };

/** Every key of every map in a schema that has no description. */
function undescribed(schema: unknown, path = ''): string[] {
  if (schema === null || typeof schema !== 'object') return [];
  if (Array.isArray(schema)) return schema.flatMap((one) => undescribed(one, path));
  const own = Object.entries((schema as Schema).properties ?? {}).filter(([, one]) => one['description'] === undefined);
  const below = Object.entries(schema).flatMap(([key, one]) => undescribed(one, `${path}/${key}`));
  return [...own.map(([key]) => `${path}/${key}`), ...below];
}

test('every key has a description for the editor', () => {
  expect(undescribed(jsonSchema())).toEqual([]);
  expect(undescribed(projectJsonSchema())).toEqual([]);
});

test('it is plain JSON, strict about keys, and knows the kinds of a step', () => {
  const schema = jsonSchema() as Schema;
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    additionalProperties: false,
    required: ['version', 'title', 'phases'],
  });
  const phases = schema.properties?.['phases'] as { items: { properties: { steps: { items: Schema } } } };
  const step = phases.items.properties.steps.items;
  expect(step['oneOf']).toHaveLength(7);
  expect(step.properties?.['within']).toMatchObject({ type: 'string', pattern: expect.stringContaining('ms|s|m|h') });
});
