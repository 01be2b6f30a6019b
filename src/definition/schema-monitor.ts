import * as z from 'zod';
import { span, template, text } from './schema-parts.ts';

const dockerLogs = z.strictObject({
  compose: template.describe('A compose file; the logs of its services.').optional(),
  services: z.array(template).describe('Only these services of the compose file. Default: all.').optional(),
  containers: z.array(template).describe('Containers by name.').optional(),
  tail: z.int().min(0).describe('How many earlier lines are shown first.').optional(),
});

/** What the live panes show; the same in a runbook and in the project file. */
export const monitorSchema = z.strictObject({
  docker: z
    .strictObject({
      compose: template.describe('The containers of this compose file.').optional(),
      containers: z.array(template).min(1).describe('These containers, by name.').optional(),
      all: z.literal(true).describe('Every container.').optional(),
    })
    .meta({ oneOf: [{ required: ['compose'] }, { required: ['containers'] }, { required: ['all'] }] })
    .describe('Which containers are watched: one of compose, containers, all.')
    .optional(),
  logs: z
    .array(
      z
        .strictObject({
          docker: dockerLogs.describe('Logs of containers.').optional(),
          file: template.describe('A log file; * and ? match.').optional(),
        })
        .meta({ oneOf: [{ required: ['docker'] }, { required: ['file'] }] }),
    )
    .describe('Logs to follow.')
    .optional(),
  alert: z
    .strictObject({
      pattern: text.describe('A regular expression; lines that match it are counted.'),
      ignore: text.describe('A regular expression; lines that match it are not counted.').optional(),
      max: z.int().min(0).describe('How many may come before it is an alert.'),
      within: span.describe('In what time.'),
    })
    .describe('When the logs are an alarm.')
    .optional(),
});

export type MonitorInput = z.infer<typeof monitorSchema>;
