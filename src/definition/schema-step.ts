import * as z from 'zod';
import {
  duration,
  env,
  estimate,
  flag,
  id,
  scalar,
  script,
  shell,
  span,
  template,
  text,
  variableName,
} from './schema-parts.ts';

const probeKeys = {
  http: template.describe('Asks this URL; any status from 200 to 299 is yes.').optional(),
  tcp: template
    .describe('Yes when a connection to host:port opens.')
    .meta({ examples: ['localhost:5432'] })
    .optional(),
  run: script.describe('Yes when this command exits 0.').optional(),
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    .describe('HTTP method. Default: GET, or POST with a body.')
    .optional(),
  headers: z.record(text, scalar).describe('HTTP headers; `${NAME}` is expanded.').optional(),
  body: z.string().describe('HTTP body; `${NAME}` is expanded.').optional(),
  status: z.int().min(100).max(599).describe('The status that is yes. Default: any from 200 to 299.').optional(),
  json: z
    .unknown()
    .describe('What the JSON body has to contain: maps as subsets, the rest exactly. `${NAME}` is expanded.')
    .optional(),
  match: text.describe('A regular expression to be found in the body; letter case does not matter.').optional(),
  timeout: span.describe('Deadline of one try. Default: 10s for http, 5s for tcp, 60s for a command.').optional(),
};
const oneProbe = { oneOf: [{ required: ['http'] }, { required: ['tcp'] }, { required: ['run'] }] };

const probeMap = z.strictObject(probeKeys).meta(oneProbe);
const probe = z.union([script, probeMap]);

const polled = {
  within: span.describe('How long it is asked again until it holds. Default: 60s.').optional(),
  every: span.describe('The pause between two tries. Default: 2s.').optional(),
};

const readyMap = z.strictObject({ ...probeKeys, ...polled }).meta(oneProbe);

const question = z.union([
  script,
  z.strictObject({
    run: script.describe('Yes when it exits 0. It must not change anything.'),
    safe: flag.describe('It is cheap and changes nothing: a dry run may execute it too. Default: false.').optional(),
  }),
]);

const undo = z.union([
  script,
  z.strictObject({
    run: script.describe('Takes back what the step did; stands being run after half of it, and twice.'),
    requires: question.describe('Asks, without changing anything, whether the undo can still work.').optional(),
    verify: script.describe('Proves that the undo did its work.').optional(),
    timeout: span.describe('Deadline of the undo.').optional(),
    about: template.describe('What the operator should know about it.').optional(),
  }),
]);

const edit = z.strictObject({
  file: template.describe('The file to change; relative to cwd.'),
  replace: z
    .string()
    .refine((value) => value !== '', { params: { code: 'wrong-value', allowed: 'the text to look for, not empty' } })
    .describe('The text that is there now, exactly. `${NAME}` is expanded.'),
  with: z.string().describe('The text to put in its place. `${NAME}` is expanded.'),
  times: z.int().min(1).describe('How often the text has to be there, exactly. Default: 1.').optional(),
});

const watch = z.strictObject({
  check: probe.describe('What is asked: a command, or a map with http, tcp or run.'),
  every: span.describe('The pause between two tries. Default: 1m.').optional(),
  for: span.describe('How long it is watched.'),
  'max-failures': z
    .int()
    .min(0)
    .describe('At how many tries that failed the watch ends as failed; 0 is as 1. Default: 3.')
    .optional(),
});

const expectation = z.strictObject({
  exit: z
    .union([z.int().min(0).max(255), z.array(z.int().min(0).max(255)).min(1)])
    .describe('The exit status, or a list of those that are good. Default: 0.')
    .optional(),
  match: text
    .describe('A regular expression that has to be found in the output; letter case does not matter.')
    .optional(),
  'no-match': text
    .describe('A regular expression that must not be found in the output; letter case does not matter.')
    .optional(),
});

const retry = z.strictObject({
  times: z.int().min(1).max(100).describe('How many more attempts after a failed one.'),
  every: duration.describe('The pause before each. Default: 5s.').optional(),
});

/** Keys that a phase sets for its steps and a step may set for itself; a step takes one off with `""`. */
export const inheritedKeys = {
  host: z.string().describe('Id of the host this is meant for.').optional(),
  cwd: z
    .string()
    .describe(
      'Working folder; `~` and `${NAME}` are expanded. Relative to the folder of the runbook file; default: that folder.',
    )
    .optional(),
  env: env.describe('More environment variables; `${NAME}` is expanded in their values.').optional(),
  shell: z
    .union([z.literal(''), shell])
    .describe('Shell of the commands: a list, or words. Default: [bash, -euo, pipefail].')
    .optional(),
  before: z.string().describe('Shell text that runs first in every command.').optional(),
};

/** The keys that say of what kind a step is; it has exactly one of them. */
export const kindKeys = {
  run: script.describe('A shell script, in a real terminal.').optional(),
  interactive: script.describe('A shell script with the whole terminal handed over to it.').optional(),
  manual: template.describe('Markdown that tells a person what to do; the person ticks it.').optional(),
  edit: edit.describe('Changes a file, after showing the diff; keeps a backup, which its undo restores.').optional(),
  check: probe.describe('Asks until it holds: a command, or a map with http, tcp or run.').optional(),
  service: script
    .describe('Starts a process that stays up to the end of the phase, or until it is stopped.')
    .optional(),
  watch: watch.describe('Asks again and again for a long time, in the background.').optional(),
};

/** One step of a phase or of a rollback plan. Which keys go with which kind is a rule, not a shape. */
export const stepSchema = z
  .strictObject({
    id: id.describe('Stable name of the step; progress hangs on it. Default: derived from the title.').optional(),
    title: template.describe('What the step does, in a few words.'),
    about: template.describe('More about it; Markdown.').optional(),
    ...kindKeys,
    ...inheritedKeys,
    terminal: flag.describe('false: plain pipes instead of a terminal. Default: true; false with capture.').optional(),
    unless: question
      .describe('Exit 0: it is already done, the step is not run. A command, or { run, safe: true }.')
      .optional(),
    verify: script.describe('Has to exit 0 afterwards, or the step has failed.').optional(),
    undo: undo.describe('Takes the step back: a command, or { run, requires, verify, timeout, about }.').optional(),
    irreversible: template.describe('Why there is no way back; said before the step runs.').optional(),
    readonly: flag.describe('true: the step changes nothing. check and watch never do.').optional(),
    confirm: flag.describe('true: asks before it runs.').optional(),
    danger: flag.describe('true: its name has to be typed before it runs.').optional(),
    required: flag.describe("true: can't be skipped.").optional(),
    timeout: span.describe('Deadline of one attempt. Default: none.').optional(),
    retry: retry.describe('Runs a failed step again by itself.').optional(),
    expect: expectation.describe('What the command must show to have succeeded. Default: exit 0.').optional(),
    capture: variableName
      .describe('Keeps the trimmed output in this variable, for later steps and the report.')
      .optional(),
    estimate: estimate.describe('How long it takes, about.').optional(),
    tags: z.array(text).describe('Free words to find it by.').optional(),
    needs: z.array(z.string()).describe('Ids of earlier steps that must have succeeded.').optional(),
    ...polled,
    ready: z
      .union([script, readyMap])
      .describe('When a service is ready: a command, or a map with http, tcp or run, and within and every.')
      .optional(),
  })
  .meta({ oneOf: Object.keys(kindKeys).map((kind) => ({ required: [kind] })) });

export type StepInput = z.infer<typeof stepSchema>;
export type ProbeInput = z.infer<typeof probe>;
export type ReadyInput = z.infer<typeof readyMap>;
export type QuestionInput = z.infer<typeof question>;
export type UndoInput = z.infer<typeof undo>;
export type ProbeMapInput = z.infer<typeof probeMap>;
