import type { OtherHolder } from '../../engine/api.ts';
import { elapsedMs } from '../../run/elapsed.ts';
import { expandFor } from '../../run/plan.ts';
import { durationText, estimateText } from '../../run/sentences.ts';
import { progressOf, runStatus } from '../../run/status.ts';
import { columnFromColumns } from '../layout.ts';
import type { Scene } from '../scene.ts';
import { fitRow, type Row, rowWidth, span, spread, wrapRows } from '../spans.ts';
import { marks, overallLook, styles } from '../theme.ts';
import { glanceRow } from './glance.ts';

/** What is run, how it stands and where, how far it is. Parts that have no room go one by one, the least needed first. */
export function headerRow(scene: Scene, width: number): Row {
  const { run, phase, knownAt, holding } = scene;
  const { title, project, estimate, hosts } = run.runbook;
  const look = overallLook(holding.kind === 'damaged' ? 'damaged' : runStatus(run));
  const host = hosts.find((candidate) => candidate.id === phase.host);
  const place = host === undefined ? [] : [` · ${expandFor(run, host.about ?? host.id)}`];
  const progress = progressOf(run);
  const elapsed = durationText(elapsedMs(run, knownAt));
  const count = `${progress.done}/${progress.total}`;
  const status: Row = [span(`${look.glyph} ${look.word}`, look.style)];
  const name: Row = [' ', span(expandFor(run, title), styles.strong)];
  const whole: Row = project === undefined ? name : [...name, ` · ${project}`];
  const phaseName = ` · ${expandFor(run, phase.title)}`;
  const time = estimate === undefined ? elapsed : `${elapsed} of ${estimateText(estimate)}`;
  const by = run.opened?.by ?? run.startedBy;
  // A narrow screen says it beside its phases.
  const glance = width < columnFromColumns ? [] : glanceRow(scene);
  const health: Row = glance.length === 0 ? [] : [' · ', ...glance];
  const choices: readonly (readonly [Row, Row, Row])[] = [
    [whole, [...status, phaseName, ...place, ...health], [`${count} · ${time} · ${by} `]],
    [whole, [...status, ...place, ...health], [`${count} · ${time} · ${by} `]],
    [whole, [...status, ...place, ...health], [`${count} · ${time} `]],
    [name, [...status, ...place, ...health], [`${count} · ${time} `]],
    [name, [...status, ...health], [`${count} · ${time} `]],
    [name, [...status, ...health], [`${count} · ${elapsed} `]],
    [whole, status, [`${count} · ${time} `]],
    [name, status, [`${count} · ${time} `]],
    [name, status, [`${count} · ${elapsed} `]],
  ];
  const chosen = choices.find((parts) => parts.reduce((sum, part) => sum + rowWidth(part), 0) + 4 <= width);
  const [left, middle, right] = chosen ?? [
    fitRow(name, Math.max(8, width - rowWidth(status) - rowWidth([count]) - 5)),
    status,
    [`${count} `],
  ];
  const free = width - rowWidth(left) - rowWidth(middle) - rowWidth(right);
  const before = Math.max(2, Math.min(Math.floor(width / 2 - rowWidth(middle) / 2) - rowWidth(left), free - 2));
  return fitRow([...left, ' '.repeat(before), ...middle, ' '.repeat(Math.max(1, free - before)), ...right], width);
}

/** What concerns everything: a run that another screen holds, a damaged journal, trouble outside of a step. */
export function bannerRows(
  scene: Scene,
  trouble: string | undefined,
  size: { readonly width: number; readonly height: number },
): readonly Row[] {
  const { holding } = scene;
  const mark = span(` ${marks.warning} `, styles.bad);
  if (trouble !== undefined) return wrapRows(mark, span(trouble, styles.bad), size);
  if (holding.kind === 'damaged' || holding.kind === 'unwritable')
    return wrapRows(mark, span(`Read-only: ${holding.problem}`, styles.bad), size);
  if (holding.kind === 'writer') return alertRows(scene, size.width);
  const text = ` ${marks.warning} Read-only · ${holdingText(holding)}`;
  return [spread([span(text, styles.wary)], ['  ', span('T', styles.key), ' take over '], size.width)];
}

/** Who writes, since when, and what is known of them. */
function holdingText(holding: OtherHolder): string {
  const { holder, host, pid, since, provenDead, where, isOusted } = holding;
  if (where === 'unreadable') return 'the lock can’t be read: nobody can tell who writes';
  if (pid === 0) return 'nobody writes now';
  const date = new Date(since);
  const clock = `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
  const more = provenDead ? ', gone' : where === 'other host' ? ', not to be seen from here' : '';
  return `${isOusted ? 'taken over by ' : ''}${holder} on ${host} since ${clock} (pid ${pid}${more})`;
}

/** More errors than the definition allows: it says so and offers the way back; nothing is rolled back by itself. */
function alertRows({ logs }: Scene, width: number): readonly Row[] {
  const { alert } = logs;
  if (alert === undefined || !alert.isOver) return [];
  const seconds = Math.round(alert.withinMs / 1000);
  const text = ` ${marks.warning} ${alert.count.toLocaleString('en')} errors in the logs within ${seconds} s, more than ${alert.max}`;
  const last = alert.lastLine === undefined ? '' : ` · ${alert.lastLine.text}`;
  return [spread([span(text, styles.bad), last], ['  ', span('r', styles.key), ' shows the way back '], width)];
}
