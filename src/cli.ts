import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import envPaths from 'env-paths';
import type { Preferences } from './adapters/preferences.ts';
import type { Console } from './commands/console.ts';
import type { Project } from './commands/find-definition.ts';
import { glanceAtProject } from './commands/glance-at-project.ts';
import type { Interruption } from './commands/interruption.ts';
import { CommandError, exitStatus, exitStatusOf } from './commands/outcome.ts';
import type { Palette } from './live/degrade.ts';
import { harmlessJson, harmlessLine, harmlessText } from './live/harmless-text.ts';
import type { DefinitionFile } from './surroundings.ts';

const { argv, env, stdin, stdout, stderr } = process;
const programDir = dirname(fileURLToPath(import.meta.url));
const packageDir = join(programDir, '..');
const shippedDir = join(packageDir, 'runbooks');
const paths = envPaths('runbook', { suffix: '' });
const dataDir = env.RUNBOOK_HOME ? resolve(env.RUNBOOK_HOME) : paths.data;
const preferencesDir = env.RUNBOOK_HOME ? dataDir : paths.config;
const isColored = stdout.isTTY === true && env.NO_COLOR === undefined;

/** What may wait in memory for a reader of the standard output before what commands print is not read on. */
const BACKLOG_BYTES = 1024 * 1024;

/** How long a process that was asked to end waits for what it has printed to be read. */
const LAST_WORDS_MS = 2_000;

/** Variables are written in capitals; the rest of the program reads neither argv nor environment. */
const console: Console = {
  out: (text) => write(stdout, harmlessText(text, isColored)),
  error: (text) => write(stderr, harmlessText(text, isColored)),
  json: (value, indent) => write(stdout, harmlessJson(JSON.stringify(value, undefined, indent))),
  isBacklogged: () => stdout.writableLength > BACKLOG_BYTES,
  environment: env,
  cwd: process.cwd(),
  color: isColored,
  ask: async (question) => {
    if (!stdin.isTTY || !stdout.isTTY) return undefined;
    const lines = createInterface({ input: stdin, output: stdout });
    try {
      return await lines.question(harmlessText(question, isColored));
    } catch {
      return undefined;
    } finally {
      lines.close();
    }
  },
};

function write(stream: NodeJS.WriteStream, line: string): void {
  stream.write(`${line}\n`);
}

/** A reader that went away (`| head`) is no reason to stop a run. */
for (const stream of [stdout, stderr]) stream.on('error', () => {});

type Base = { readonly project: Project; readonly preferences: Preferences };

/** What reads files is loaded when it is needed: the screen's first frame does not wait for it. */
const finding = () => import('./commands/find-definition.ts');

async function base(): Promise<Base> {
  const [{ findProject }, { openPreferences }] = await Promise.all([finding(), import('./adapters/preferences.ts')]);
  const project = await findProject(console.cwd, isColored);
  return { project, preferences: openPreferences(preferencesDir) };
}

/** The definition that is meant by a name, or by none. */
async function definitionFor(name: string | undefined, { project, preferences }: Base): Promise<DefinitionFile> {
  try {
    const { readDefinition } = await finding();
    const path = name === undefined ? await unnamed(project, preferences) : await pathOf(name, project);
    return await readDefinition(path, isColored, project.path);
  } catch (error) {
    // A run that is under way does not depend on a file that somebody broke meanwhile.
    if (!(error instanceof CommandError)) throw error;
    const stored = await storedFor(name, preferences);
    if (stored === undefined) throw error;
    return stored;
  }
}

async function storedFor(name: string | undefined, preferences: Preferences): Promise<DefinitionFile | undefined> {
  const { storedDefinition } = await import('./commands/stored-definition.ts');
  const opened = preferences.openedIn(console.cwd);
  const meant = name === undefined ? (opened === undefined ? [] : [opened]) : [name, resolve(console.cwd, name)];
  return storedDefinition({ meant, dataDir });
}

async function pathOf(name: string, project: Project): Promise<string> {
  const { resolveDefinition } = await finding();
  return resolveDefinition({ name, project, shipped: shippedDir, cwd: console.cwd });
}

/** The run that is going on here, else what `runbook.yaml` names, else the only one there is. */
async function unnamed(project: Project, preferences: Preferences): Promise<string> {
  const opened = preferences.openedIn(console.cwd);
  if (opened !== undefined && (await isGoingOn(opened))) return opened;
  const { listDefinitions, resolveDefinition } = await finding();
  if (project.file.default !== undefined) {
    return resolveDefinition({ name: project.file.default, project, shipped: shippedDir, cwd: project.folder });
  }
  const known = [...(await listDefinitions(project, shippedDir))];
  const [only] = known;
  if (only && known.length === 1) return only[1];
  const names = known.map(([name]) => harmlessLine(`  runbook ${name}`)).join('\n');
  throw new CommandError(
    `Which runbook? Known here:\n${names}\nOr name a file, or put a runbook.yaml with "default:" here.`,
  );
}

async function isGoingOn(path: string): Promise<boolean> {
  const { storedDefinition } = await import('./commands/stored-definition.ts');
  return (await storedDefinition({ meant: [path], dataDir })) !== undefined;
}

async function version(): Promise<string> {
  const text = await readFile(join(packageDir, 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

async function surroundingsFor(file: DefinitionFile, attended: boolean) {
  const { surround } = await import('./commands/surround.ts');
  return surround({ file, dataDir, environment: env, programDir, version: await version(), attended });
}

/** While the command goes on, a signal does not end the process, but asks for it. */
async function interruptibly(command: (interruption: Interruption) => Promise<number>): Promise<number> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const { promise: asked, resolve: ask } = Promise.withResolvers<string>();
  let isAsked = false;
  const listen = (signal: string) => {
    isAsked = true;
    ask(signal);
  };
  const forget = () => {
    for (const signal of signals) process.off(signal, listen);
  };
  for (const signal of signals) process.once(signal, listen);
  try {
    return await command({ asked, isAsked: () => isAsked, forget });
  } finally {
    forget();
    // What was asked to end waits for no reader that stands still.
    if (isAsked) setTimeout(() => process.exit(), LAST_WORDS_MS);
  }
}

function collectVar(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const found = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text);
  if (!found?.[1]) throw new InvalidArgumentError('it has to be NAME=VALUE');
  return { ...before, [found[1]]: found[2] ?? '' };
}

type ScreenOptions = { readonly ascii?: boolean; readonly var: Readonly<Record<string, string>> };

async function openScreen(name: string | undefined, options: ScreenOptions): Promise<number> {
  if (!stdin.isTTY || !stdout.isTTY || env.TERM === 'dumb') {
    throw new CommandError('The screen needs a terminal. Without one there are runbook run, status and rollback.');
  }
  const [{ takeStage }, { runScreen }] = await Promise.all([import('./stage.ts'), import('./main.tsx')]);
  const glance = glanceAtProject(console.cwd);
  const stage = takeStage(paletteFor(options.ascii === true || glance.ascii, glance.colorless), console.error);
  try {
    const base_ = await base();
    const { project, preferences } = base_;
    const { ascii, color } = project.file.preferences;
    const palette = paletteFor(options.ascii === true || ascii, color === 'never');
    const file = await definitionFor(name, base_);
    // What leaves the screen too: nothing can be loaded any more while a disk hangs.
    const [{ openRun }, { valuesFor }, { letGo, endAtOnce }, { farewell }] = await Promise.all([
      import('./open-run.ts'),
      import('./commands/run-command.ts'),
      import('./let-go.ts'),
      import('./commands/farewell.ts'),
    ]);
    const around = await surroundingsFor(file, true);
    const opened = await openRun(file, valuesFor(file, options.var, project.file.vars, around, console), around);
    if (file.isStored) await opened.lookAtDefinition();
    preferences.setOpenedIn(console.cwd, file.path);
    const editor = env.VISUAL || env.EDITOR || 'vi';
    const watching = {
      place: { ...around.place, runDir: opened.folder.path },
      environment: around.environment,
      ...(project.file.monitor === undefined
        ? {}
        : { project: { monitor: project.file.monitor, folder: project.folder } }),
    };
    const leaving = await runScreen({ stage, palette, opened, watching, editor });
    const close = () => opened.session.api.close();
    const { isClosed, isAsked } = await letGo({ stage, close, isAsked: leaving.kind !== 'left' });
    const lastStatus = leaving.kind === 'crashed' ? exitStatus.failed : exitStatus.interrupted;
    const isFrozen = stdout.writableLength > 0;
    // A frozen terminal takes no last words; those of a crash would hang out of reach of any signal.
    if (isAsked && isFrozen && isClosed) process.exit(lastStatus);
    stage.onEnd(() => process.exit(lastStatus));
    if (!isFrozen || isClosed) for (const line of farewell(opened.session.api.run(), name)) console.out(line);
    if (!isClosed) {
      if (leaving.kind === 'crashed' && !isFrozen) console.error(complaint(leaving.error));
      endAtOnce();
    }
    if (leaving.kind === 'crashed') throw leaving.error;
    if (leaving.kind === 'signal') return exitStatus.interrupted;
    const { runStatus } = await import('./run/status.ts');
    const status = exitStatusOf(runStatus(opened.session.api.run()));
    return status === exitStatus.waiting ? exitStatus.succeeded : status;
  } finally {
    await stage.terminal.leave();
  }
}

function paletteFor(ascii: boolean, colorless: boolean): Palette {
  if (colorless || (env.NO_COLOR !== undefined && env.NO_COLOR !== '')) return { colours: 'none', ascii };
  return { colours: /truecolor|24bit/i.test(env.COLORTERM ?? '') ? 'rgb' : '256', ascii };
}

type RunFlags = {
  readonly phase?: string;
  readonly to?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly var: Readonly<Record<string, string>>;
};

async function run(name: string | undefined, flags: RunFlags): Promise<number> {
  const base_ = await base();
  const file = await definitionFor(name, base_);
  const around = await surroundingsFor(file, false);
  const options = {
    yes: flags.yes === true,
    json: flags.json === true,
    vars: flags.var,
    ...(flags.phase === undefined ? {} : { phase: flags.phase }),
    ...(flags.to === undefined ? {} : { to: flags.to }),
  };
  const projectVars = base_.project.file.vars;
  if (flags.dryRun) {
    const { dryRunCommand } = await import('./commands/dry-run-command.ts');
    return dryRunCommand({ file, options, around, projectVars, console });
  }
  const { runCommand } = await import('./commands/run-command.ts');
  return interruptibly((interruption) => runCommand({ file, options, around, projectVars, console, interruption }));
}

async function rollback(
  name: string | undefined,
  flags: { readonly phase?: string; readonly yes?: boolean },
): Promise<number> {
  const base_ = await base();
  const file = await definitionFor(name, base_);
  const around = await surroundingsFor(file, false);
  const { rollbackCommand } = await import('./commands/rollback-command.ts');
  const options = { yes: flags.yes === true, ...(flags.phase === undefined ? {} : { phase: flags.phase }) };
  return interruptibly((interruption) => rollbackCommand({ file, options, around, console, interruption }));
}

async function status(name: string | undefined, flags: { readonly json?: boolean }): Promise<number> {
  const base_ = await base();
  const file = await definitionFor(name, base_);
  const { statusCommand } = await import('./commands/look-commands.ts');
  return statusCommand({ runbookId: file.runbook.id, dataDir, json: flags.json === true, console });
}

async function list(flags: { readonly json?: boolean }): Promise<number> {
  const { project } = await base();
  const { listCommand } = await import('./commands/look-commands.ts');
  return listCommand({ project, shipped: shippedDir, dataDir, json: flags.json === true, console });
}

async function check(names: readonly string[]): Promise<number> {
  const { project } = await base();
  const { listDefinitions } = await finding();
  const known = [...(await listDefinitions(project, shippedDir)).values()];
  const files = names.length === 0 ? known : await Promise.all(names.map((name) => pathOf(name, project)));
  const { checkCommand } = await import('./commands/look-commands.ts');
  return checkCommand(files, console);
}

/** A doctor has something to look at without a runbook too. */
async function meantOrNone(project: Project, preferences: Preferences): Promise<string | undefined> {
  try {
    return await unnamed(project, preferences);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(error.message);
    console.error('Without one, doctor tells only what crashes have left.');
    return undefined;
  }
}

async function doctor(
  name: string | undefined,
  flags: { readonly json?: boolean; readonly clean?: boolean; readonly var: Readonly<Record<string, string>> },
): Promise<number> {
  const json = flags.json === true;
  if (flags.clean) {
    const [{ cleanCommand }, { socketFolderPath }] = await Promise.all([
      import('./commands/clean-command.ts'),
      import('./adapters/socket-path.ts'),
    ]);
    return cleanCommand({ dataDir, sockets: socketFolderPath(), json, console });
  }
  const { project, preferences } = await base();
  const path = name === undefined ? await meantOrNone(project, preferences) : await pathOf(name, project);
  if (path === undefined) {
    const { leftoversCommand } = await import('./commands/doctor-command.ts');
    return leftoversCommand({ dataDir, json, console });
  }
  const { readDefinition } = await finding();
  // Not the definition a run has stored: what is wrong with the file is what a doctor is asked for.
  const file = await readDefinition(path, isColored, project.path);
  const [{ doctorCommand }, { OUTPUT_CAP_BYTES }, { leastSize }] = await Promise.all([
    import('./commands/doctor-command.ts'),
    import('./commands/surround.ts'),
    import('./ui/layout.ts'),
  ]);
  const isTerminal = stdin.isTTY === true && stdout.isTTY === true;
  return doctorCommand({
    file,
    dataDir,
    projectVars: project.file.vars,
    projectMonitor: project.file.monitor,
    vars: flags.var,
    json,
    terminal: { isTerminal, columns: stdout.columns ?? 0, rows: stdout.rows ?? 0 },
    leastSize,
    outputCapBytes: OUTPUT_CAP_BYTES,
    timeoutMs: 5_000,
    console,
  });
}

async function reset(name: string | undefined, flags: { readonly note: string }): Promise<number> {
  const base_ = await base();
  const file = await definitionFor(name, base_);
  const around = await surroundingsFor(file, false);
  const { resetCommand } = await import('./commands/reset-command.ts');
  return resetCommand({ file, note: flags.note, around, console });
}

async function schema(flags: { readonly project?: boolean }): Promise<number> {
  const { schemaCommand } = await import('./commands/look-commands.ts');
  return schemaCommand(flags.project ? 'project' : 'runbook', console);
}

function program(finish: (status: number) => void): Command {
  const act =
    <Args extends readonly unknown[]>(command: (...args: Args) => Promise<number>) =>
    async (...args: Args) =>
      finish(await command(...args));
  const VAR = ['--var <NAME=VALUE>', 'value of a variable; may be given several times', collectVar, {}] as const;
  const root = new Command('runbook')
    .description(
      'Runs a risky change phase by phase on the full screen, survives a lost connection, and knows the way back.',
    )
    .argument('[runbook]', 'a name, or a file; without it: the run that goes on here, else what runbook.yaml names')
    .option('--ascii', 'draw without Unicode')
    .option(...VAR)
    .helpCommand(false)
    // Else an option that a command has too would be taken from it.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text) => console.error(text.trimEnd()) })
    .addHelpText('after', HELP)
    .action(act((name: string | undefined, options: ScreenOptions) => openScreen(name, options)));
  root
    .command('run [runbook]')
    .description('run it without a screen, for a pipeline; goes on where it stands')
    .option('--yes', 'accept confirmations, gates and manual steps; each is recorded as accepted so')
    .option('--phase <id>', 'only this phase')
    .option('--to <step>', 'up to and including this step')
    .option('--dry-run', 'show every resolved command, execute nothing, write no progress')
    .option('--json', 'print the events of the journal, one a line, and the result')
    .option(...VAR)
    .action(act(run));
  root
    .command('rollback [runbook]')
    .description('show the plan of r, ask, and roll back')
    .option('--phase <id>', 'only this phase; without it the whole run, last phase first')
    .option('--yes', 'do not ask')
    .action(act(rollback));
  root
    .command('status [runbook]')
    .description('how its run stands')
    .option('--json', 'everything, as JSON')
    .action(act(status));
  root.command('list').description('the runbooks that can be named here').option('--json', 'as JSON').action(act(list));
  root
    .command('check [runbooks...]')
    .description('all errors and warnings of runbooks, each with its place and the mend; without names: of all')
    .action(act(check));
  root
    .command('doctor [runbook]')
    .description('what it needs on this machine: found, missing or too old, each with the mend; and what a crash left')
    .option('--clean', 'remove what crashes left and is nobody’s, of all runs')
    .option('--json', 'everything, as JSON')
    .option(...VAR)
    .action(act(doctor));
  root
    .command('reset [runbook]')
    .description('put the current run aside; the next one begins anew, the files of the old one stay')
    .option('--note <text>', 'why', '')
    .action(act(reset));
  root
    .command('schema')
    .description('the JSON Schema of a runbook, for editors')
    .option('--project', 'of runbook.yaml')
    .action(act(schema));
  for (const command of root.commands)
    command.exitOverride().configureOutput({ outputError: (text) => console.error(text.trimEnd()) });
  return root;
}

const HELP = `
Examples:
  runbook practice                     learn it: a rehearsal that needs only Node and git
  runbook run practice --yes           the same without a screen
  BREAK=health runbook run practice    a version that fails, to practise the way back
  runbook rollback practice            the way back
  runbook check deploy.yaml            what is wrong with a runbook

On the screen: ? shows all keys, r the way back, q leaves (what runs goes on).

Exit status: 0 succeeded, 1 failed or stopped, 2 usage or a bad file, 3 rolled back,
4 partly rolled back, 5 waiting for a person, 130 interrupted.

Files: RUNBOOK_HOME moves all of them; now ${dataDir}`;

async function main(): Promise<number> {
  let status: number = exitStatus.succeeded;
  try {
    await program((ended) => {
      status = ended;
    }).parseAsync(argv);
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.succeeded : exitStatus.usage;
    if (error instanceof Error && error.name === 'OpenRunError') {
      console.error(error.message);
      return exitStatus.usage;
    }
    if (error instanceof CommandError) {
      console.error(error.message);
      return error.status;
    }
    console.error(complaint(error));
    return exitStatus.failed;
  }
}

/** A fault of the system, such as a disk that can't be written, is no fault of the program: it needs no stack. */
function complaint(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('syscall' in error) return `${error.message}. Files are kept in ${dataDir}; RUNBOOK_HOME moves them.`;
  return error.name === 'Error' ? String(error.stack) : error.message;
}

process.exitCode = await main();
// Runners are detached and watched over sockets: nothing may keep the process once its last words are out.
stderr.write('', () => stdout.write('', () => process.exit()));
