import * as z from 'zod';
import { projectSchema } from './project-schema.ts';
import { runbookSchema } from './schema.ts';

/** The JSON Schema (2020-12) of a runbook file, for completion and checking in editors. */
export function jsonSchema(): object {
  return { ...z.toJSONSchema(runbookSchema, { io: 'input' }), title: 'Runbook' };
}

/** The JSON Schema (2020-12) of the project file `runbook.yaml`. */
export function projectJsonSchema(): object {
  return { ...z.toJSONSchema(projectSchema, { io: 'input' }), title: 'Runbook project' };
}
