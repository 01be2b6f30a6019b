import type { Runbook } from '../../definition/runbook.ts';
import { expandFor } from '../../run/plan.ts';
import { estimateText } from '../../run/sentences.ts';
import type { Run } from '../../run/state.ts';
import { keySections } from '../key-help.ts';
import type { Scene } from '../scene.ts';
import { type Row, span, wrapText } from '../spans.ts';
import { marks, styles } from '../theme.ts';
import { markdownRows } from '../widgets/markdown-rows.ts';
import type { Sheet } from '../widgets/sheet.ts';

/** All keys, by place. */
export function helpSheet(width: number): Sheet {
  const sections = keySections();
  const column = Math.max(...sections.flatMap((section) => section.keys.map((key) => key.keys.length))) + 2;
  const rows = sections.flatMap((section): Row[] => [
    [span(section.title, styles.focusTitle)],
    ...section.keys.flatMap((key) =>
      wrapText(key.about, width - column - 1).map(
        (line, index): Row => [span((index === 0 ? key.keys : '').padEnd(column), styles.key), line],
      ),
    ),
    [],
  ]);
  const legend: Row[] = [
    [span('Marks', styles.focusTitle)],
    ['○ to do   ▶ running   ✔ done   ✖ failed   ■ stopped   ? unknown   - skipped'],
    [
      `${marks.undo} can be undone, or was   ${marks.irreversible} no way back   ☐ ☑ checklist   ◇ waits for you   ⚠ look`,
    ],
  ];
  return { title: 'Keys', tone: 'plain', size: 'wide', head: [], rows: [...rows, ...legend] };
}

/** What the runbook says of itself. */
export function infoSheet(scene: Scene, width: number): Sheet {
  const { run } = scene;
  const book = run.runbook;
  const facts = [
    ['owner', book.owner],
    ['status', book.status],
    ['date', book.date],
    ['estimate', book.estimate === undefined ? undefined : estimateText(book.estimate)],
    ['definition', run.definitionPath],
    ['run', `${run.id}, begun by ${run.startedBy}`],
  ] as const;
  const rows: Row[] = [
    ...facts.flatMap(([label, value]): Row[] =>
      value === undefined ? [] : [[span(label.padEnd(12), styles.quiet), value]],
    ),
    [],
    ...(book.about === undefined ? [] : markdownRows(expandFor(run, book.about), width)),
    ...section('Phases', phaseRows(run, width)),
    ...section('Hosts', hostRows(scene)),
    ...section('Notes', noteRows(run, width)),
    ...section('Troubleshooting', troubleRows(run, width)),
    ...section('Cheat sheets', cheatRows(book)),
    ...section(
      'References',
      book.references.map((one): Row => ['• ', one.title, '  ', span(one.url, styles.link)]),
    ),
    ...section(
      'Changelog',
      book.changelog.map((one): Row => [span(`${one.date}  ${one.version}  `, styles.quiet), one.change]),
    ),
  ];
  return { title: `About · ${expandFor(run, book.title)}`, tone: 'plain', size: 'wide', head: [], rows };
}

/** What happened without a screen. */
export function awaySheet(scene: Scene, width: number): Sheet {
  const rows = scene.engine
    .whileAway()
    .flatMap((line) => wrapText(line, width - 2).map((part, index): Row => [index === 0 ? '• ' : '  ', part]));
  return { title: 'While you were away', tone: 'plain', size: 'small', head: [], rows };
}

/** The definition's file says something else than the run. */
export function definitionSheet(scene: Scene, width: number): Sheet {
  const changes = scene.engine.definitionChange()?.changes ?? [];
  const head = wrapText(
    'The definition was changed since this run began. The run goes by the stored one until you adopt the new one.',
    width,
  );
  return {
    title: 'The definition has changed',
    tone: 'plain',
    size: 'small',
    head: [...head.map((line): Row => [line]), []],
    rows:
      changes.length === 0 ? [['No step differs.']] : changes.flatMap((line) => wrapText(line, width).map(changeRow)),
  };
}

function changeRow(line: string): Row {
  if (line.startsWith('+')) return [span(line, styles.added)];
  if (line.startsWith('-')) return [span(line, styles.removed)];
  return [line];
}

function section(title: string, rows: readonly Row[]): readonly Row[] {
  return rows.length === 0 ? [] : [[], [span(title, styles.focusTitle)], ...rows];
}

function phaseRows(run: Run, width: number): readonly Row[] {
  return run.runbook.phases.flatMap((phase, index): Row[] => {
    const host = phase.host === undefined ? '' : ` · ${phase.host}`;
    const time = phase.estimate === undefined ? '' : ` · ${estimateText(phase.estimate)}`;
    const about = phase.about === undefined ? [] : markdownRows(expandFor(run, phase.about), width - 3);
    return [
      [span(`${index + 1}  ${expandFor(run, phase.title)}`, styles.strong), span(`${host}${time}`, styles.quiet)],
      ...about.map((row): Row => ['   ', ...row]),
    ];
  });
}

function hostRows(scene: Scene): readonly Row[] {
  const here = scene.engine.hostsHere();
  return scene.run.runbook.hosts.map((host): Row => {
    const ssh = host.ssh === undefined ? '' : `  ssh ${host.ssh}`;
    const mark = here.includes(host.id) ? span('● this machine', styles.good) : '';
    return ['• ', span(host.id, styles.strong), `  ${host.about ?? ''}${ssh}  `, mark];
  });
}

function noteRows(run: Run, width: number): readonly Row[] {
  return run.notes.flatMap((note) => {
    const at = new Date(note.at).toISOString().slice(0, 16).replace('T', ' ');
    return [
      [span(`${at} UTC · ${note.by}${note.stepId === undefined ? '' : ` · ${note.stepId}`}`, styles.quiet)],
      ...wrapText(note.text, width - 2).map((line): Row => ['  ', line]),
    ];
  });
}

function troubleRows(run: Run, width: number): readonly Row[] {
  return run.runbook.troubleshooting.flatMap((entry): Row[] => [
    ['• ', span(entry.title, styles.strong)],
    ...markdownRows(expandFor(run, entry.advice), width - 2).map((row): Row => ['  ', ...row]),
    ...(entry.fix === undefined
      ? []
      : entry.fix
          .trim()
          .split('\n')
          .map((line): Row => ['  $ ', span(line, styles.code)])),
  ]);
}

function cheatRows(book: Runbook): readonly Row[] {
  return book.cheatsheet.flatMap((sheet): Row[] => [
    [span(sheet.title, styles.strong)],
    ...sheet.commands.map(
      (one): Row => ['  $ ', span(one.run.trim(), styles.code), one.about === undefined ? '' : `  ${one.about}`],
    ),
  ]);
}
