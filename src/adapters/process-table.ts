/** A process as `ps` tells it. */
export type ProcessRow = {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Absent: `ps` does not tell (macOS). */
  readonly session?: number;
  readonly residentBytes: number;
  /** CPU time so far; on macOS with that of its children that have ended. */
  readonly cpuMs: number;
};

/**
 * What `ps` is asked. macOS has no session to tell, and sums up the time of ended children only when asked; Linux tells
 * whole seconds, so there the time is read elsewhere.
 */
export function psArguments(platform: NodeJS.Platform): readonly string[] {
  if (platform === 'darwin') return ['-A', '-S', '-o', 'pid=,ppid=,pgid=,rss=,time='];
  return ['-A', '-o', 'pid=,ppid=,pgid=,sess=,rss=,time='];
}

/** Reads what `ps` printed for {@link psArguments}; lines that are something else are left out. Pure. */
export function parseProcesses(text: string): readonly ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const cpuMs = cpuMsOf(words.pop() ?? '');
    const numbers = words.map(Number);
    if (cpuMs === undefined || numbers.length < 4 || !numbers.every(Number.isInteger)) return [];
    const [pid = 0, parent = 0, group = 0, ...rest] = numbers;
    const kibibytes = rest.at(-1) ?? 0;
    const session = rest.length > 1 ? rest[0] : undefined;
    return [{ pid, parent, group, ...(session !== undefined && { session }), residentBytes: kibibytes * 1_024, cpuMs }];
  });
}

/** `[days-]hours:minutes:seconds` of Linux, `minutes:seconds.hundredths` of macOS; undefined: it is none. */
function cpuMsOf(time: string): number | undefined {
  const [, days = '0', clock = ''] = /^(?:(\d+)-)?(\d+(?::\d+){1,2}(?:[.,]\d+)?)$/.exec(time) ?? [];
  if (clock === '') return undefined;
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part.replace(',', '.')), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1_000);
}

/** What a command and all it started are: its group, its session, and whatever descends from one of those. Pure. */
export function processesOf(leader: number, table: readonly ProcessRow[]): readonly ProcessRow[] {
  const children = Map.groupBy(table, ({ parent }) => parent);
  const found = new Map<number, ProcessRow>();
  const line = table.filter(({ pid, group, session }) => pid === leader || group === leader || session === leader);
  for (let row = line.pop(); row !== undefined; row = line.pop()) {
    if (found.has(row.pid)) continue;
    found.set(row.pid, row);
    line.push(...(children.get(row.pid) ?? []));
  }
  return [...found.values()].toSorted((a, b) => a.pid - b.pid);
}
