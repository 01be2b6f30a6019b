import * as z from 'zod';
import { monitorSchema } from './schema-monitor.ts';
import { scalar, text, variableName } from './schema-parts.ts';

/** The shape of the project file, `runbook.yaml` at a folder's top. */
export const projectSchema = z.strictObject({
  default: text
    .describe('The runbook that opens when none is named: its file name without .yaml, or its path.')
    .optional(),
  runbooks: z
    .union([text, z.array(text).min(1)])
    .describe('Folder or folders, or files, where runbooks are, relative to this file. Default: runbooks.')
    .optional(),
  vars: z.record(variableName, scalar).describe("Values of variables; they win over a runbook's defaults.").optional(),
  monitor: monitorSchema.describe("What the live panes show where a runbook doesn't say it.").optional(),
  preferences: z
    .strictObject({
      ascii: z.boolean().describe('true: draw without Unicode. Default: false.').optional(),
      color: z.enum(['auto', 'never']).describe('Default: auto.').optional(),
    })
    .describe('How the screen looks.')
    .optional(),
});

export type ProjectInput = z.infer<typeof projectSchema>;
