import * as z from 'zod';
import { monitorSchema } from './schema-monitor.ts';
import {
  estimate,
  flag,
  id,
  references,
  runbookId,
  scalar,
  script,
  template,
  text,
  variableName,
} from './schema-parts.ts';
import { inheritedKeys, stepSchema } from './schema-step.ts';

const variable = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.strictObject({
    default: scalar
      .describe('The value where nobody gives another; may name variables above it as ${NAME}.')
      .optional(),
    pattern: text.describe('A regular expression that the whole value has to match.').optional(),
    type: z
      .enum(['string', 'number', 'directory', 'file', 'url'])
      .describe('What it holds; directory and file expand a leading ~. Default: string.')
      .optional(),
    choices: z.array(scalar).min(1).describe('The values that are allowed.').optional(),
    secret: flag.describe('true: from the environment, else asked for; masked everywhere, never stored.').optional(),
    mask: z
      .enum(['plain', 'encoded'])
      .describe(
        'Of a secret, what is masked: plain, its value; encoded, also its base64, URL, JSON, shell and hexadecimal forms. Default: plain.',
      )
      .optional(),
    optional: flag.describe('true: may stay without a value, and is the empty string then.').optional(),
    about: template.describe('What it is for.').optional(),
  }),
]);

const host = z.strictObject({
  about: template.describe('Which machine it is.').optional(),
  hostname: template.describe('Its host name; * and ? match. Without it, no machine is taken for it.').optional(),
  ssh: template.describe('Where it is reached: user@host.').optional(),
});

const checklistItem = z.strictObject({
  id: id.describe('Stable name of the item. Default: derived from the text.').optional(),
  text: template.describe('What has to be so.'),
  run: script.describe('A command that ticks the item when it exits 0. Without it a person does.').optional(),
});

const phase = z.strictObject({
  id: id.describe('Stable name of the phase. Default: derived from the title.').optional(),
  title: template.describe('What the phase is, in a few words.'),
  about: template.describe('More about it; Markdown.').optional(),
  ...inheritedKeys,
  danger: flag.describe('true: its name has to be typed before it begins or is rolled back.').optional(),
  estimate: estimate.describe('How long it takes, about.').optional(),
  steps: z.array(stepSchema).describe('What is done, in order.').optional(),
  checklist: z.array(checklistItem).describe('What has to be so at the end of the phase.').optional(),
  gate: template.describe('A question that has to be answered with yes before the next phase.').optional(),
  rollback: z
    .array(stepSchema)
    .min(1)
    .describe(
      "The phase's own way back: steps of the kinds run, edit, check, manual. Default: the steps' undos, last first.",
    )
    .optional(),
});

const trouble = z.strictObject({
  id: id.describe('Stable name of the entry. Default: derived from the title.').optional(),
  title: template.describe('What goes wrong.'),
  match: text.describe("A regular expression for a failed step's output.").optional(),
  phases: z.array(z.string()).describe('Ids of the phases it can happen in. Default: any.').optional(),
  advice: template.describe('What to do; Markdown.'),
  fix: script.describe('A command that mends it.').optional(),
});

const cheatsheet = z.strictObject({
  title: template.describe('What the commands are about.'),
  commands: z
    .array(
      z.strictObject({
        run: script.describe('The command.'),
        about: template.describe('What it does.').optional(),
        cwd: template.describe('Its working folder.').optional(),
      }),
    )
    .describe('The commands.'),
});

/** The shape of a runbook file: the one authority; types, messages and the JSON Schema come from it. */
export const runbookSchema = z.strictObject({
  version: z.literal(1).describe('Version of the format: 1.'),
  id: runbookId
    .describe('Stable name of the runbook; its runs are kept under it. Default: derived from the title.')
    .optional(),
  title: template.describe('What is changed.'),
  project: text.describe('What it belongs to.').optional(),
  owner: text.describe('Who answers for it.').optional(),
  status: text.describe('planned, ready, done …').optional(),
  date: text.describe('Of this edition.').optional(),
  estimate: estimate.describe('How long the whole takes, about.').optional(),
  about: template.describe('Why, what changes, risks; Markdown for the info screen.').optional(),
  references: z.array(references).describe('Where to read more.').optional(),
  changelog: z
    .array(
      z.strictObject({
        date: text.describe('When.'),
        version: scalar.describe('Edition of the runbook.'),
        change: text.describe('What changed.'),
      }),
    )
    .describe('Editions of this runbook.')
    .optional(),
  vars: z
    .record(variableName, variable)
    .describe(
      'Variables: in the environment of every command, and as ${NAME} where no shell reads. NAME: value is short for a default.',
    )
    .optional(),
  hosts: z.record(id, host).describe('The machines the phases are meant for.').optional(),
  monitor: monitorSchema.describe('What the live panes show.').optional(),
  phases: z.array(phase).min(1).describe('The parts of the change, in order.'),
  troubleshooting: z.array(trouble).describe('What can go wrong, and what to do.').optional(),
  cheatsheet: z.array(cheatsheet).describe('Commands worth having at hand.').optional(),
});

export type RunbookInput = z.infer<typeof runbookSchema>;
export type PhaseInput = z.infer<typeof phase>;
export type VariableInput = z.infer<typeof variable>;
