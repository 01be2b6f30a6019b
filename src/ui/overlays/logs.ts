import type { LogStart } from '../../live/log-line.ts';
import { phaseBeganAt } from '../../run/elapsed.ts';
import type { Scene } from '../scene.ts';
import { type Row, span } from '../spans.ts';
import { sourceColor, styles } from '../theme.ts';
import { choice, type Sheet } from '../widgets/sheet.ts';

/** The sources of the logs: which are shown, what came from each. */
export function logSourcesSheet(scene: Scene): Sheet {
  const { sources } = scene.logs;
  const last = Math.max(0, sources.length - 1);
  const at = Math.min(scene.top?.at ?? 0, last);
  const width = Math.max(0, ...sources.map((source) => source.name.length));
  const rows = sources.map((source, index): Row => {
    const isShown = !scene.view.logs.hidden.includes(source.key);
    const counts = [
      `${source.lines.toLocaleString('en')} lines`,
      ...(source.errors > 0 ? [`${source.errors.toLocaleString('en')} errors`] : []),
      ...(source.isThere ? [] : ['gone']),
    ].join(' · ');
    return choice(
      [
        isShown ? '☑ ' : '☐ ',
        span(source.name.padEnd(width), { color: sourceColor(source.index) }),
        `  ${source.kind.padEnd(14)} `,
        span(source.trouble ?? counts, source.trouble === undefined ? styles.quiet : styles.wary),
      ],
      index === at,
    );
  });
  return {
    title: 'Sources of the logs',
    tone: 'plain',
    size: 'wide',
    head: [],
    rows: rows.length === 0 ? [['Nothing is followed yet.']] : rows,
    selected: at,
    last,
  };
}

/** Where the logs can begin. */
export function logStartSheet(scene: Scene): Sheet {
  const starts = logStarts(scene);
  const at = Math.min(scene.top?.at ?? 0, starts.length - 1);
  return {
    title: 'Where the logs begin',
    tone: 'plain',
    size: 'small',
    head: [],
    rows: starts.map(({ label }, index) => choice([label], index === at)),
    selected: at,
    last: starts.length - 1,
  };
}

const minuteMs = 60_000;

/** The beginnings that are offered, nearest first. */
export function logStarts(scene: Scene): readonly { readonly label: string; readonly start: LogStart }[] {
  const { run, now, phase } = scene;
  const since = (label: string, at: number | undefined) =>
    at === undefined ? [] : [{ label, start: { kind: 'since', at } as const }];
  return [
    ...[50, 500, 5_000].map((lines) => ({
      label: `the last ${lines.toLocaleString('en')} lines of each source`,
      start: { kind: 'tail', lines } as const,
    })),
    ...since('5 minutes ago', now - 5 * minuteMs),
    ...since('an hour ago', now - 60 * minuteMs),
    ...since('when this phase began', phaseBeganAt(run, phase.id)),
    ...since('when the run began', run.startedAt),
    { label: 'everything there is', start: { kind: 'all' } },
  ];
}
