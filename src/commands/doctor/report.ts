import { harmlessLine } from '../../live/harmless-text.ts';
import { type Finding, findingGroups, isFailure, isWarning } from './finding.ts';

const headings = {
  hosts: 'Hosts',
  commands: 'Commands',
  docker: 'Docker',
  folders: 'Folders',
  variables: 'Variables',
  machine: 'This machine',
  terminal: 'This terminal',
  crash: 'Left by a crash',
} satisfies Record<Finding['group'], string>;

const STATE_COLUMNS = 13;
const WIDEST_NAME = 28;
const SHOWN_STEPS = 3;

/** Findings as lines for a person: by group, what lacks before what is there. Words carry the meaning, colour repeats it. */
export function reportLines(findings: readonly Finding[], color: boolean): readonly string[] {
  return [
    ...findingGroups.flatMap((group) => {
      const own = findings.filter((finding) => finding.group === group);
      return own.length === 0 ? [] : [headings[group], ...groupLines(own, color), ''];
    }),
    verdict(findings),
  ];
}

function groupLines(findings: readonly Finding[], color: boolean): readonly string[] {
  const plain = findings.filter(isPlain);
  const told = findings.filter((finding) => !isPlain(finding)).toSorted((left, right) => rank(left) - rank(right));
  const names = told.map(({ what }) => what.length).filter((length) => length <= WIDEST_NAME);
  const width = Math.max(0, ...names);
  return [
    ...told.flatMap((finding) => findingLines(finding, width, color)),
    ...(plain.length === 0 ? [] : [line('found', plain.map(({ what }) => what).join(' '), color)]),
    ...elsewhere(findings, color),
  ];
}

/** There, and nothing to say of it; or on another host: such share a line. */
function isPlain({ group, state, version, found }: Finding): boolean {
  return group === 'commands' && state === 'found' && version === undefined && found === undefined;
}

function isElsewhere({ group, state, found }: Finding): boolean {
  return group === 'commands' && state === 'not checked' && found?.startsWith('runs on ') === true;
}

function elsewhere(findings: readonly Finding[], color: boolean): readonly string[] {
  const byHost = Map.groupBy(findings.filter(isElsewhere), ({ found }) => found ?? '');
  return [...byHost].map(([found, group]) =>
    line('not checked', `${group.map(({ what }) => what).join(' ')}: ${found}`, color),
  );
}

function rank(finding: Finding): number {
  return isFailure(finding) ? 0 : isWarning(finding) ? 1 : finding.state === 'found' ? 2 : 3;
}

function findingLines(finding: Finding, width: number, color: boolean): readonly string[] {
  if (isElsewhere(finding)) return [];
  const { what, version, found, path, mend, neededBy } = finding;
  const said = harmlessLine([version, found, path].filter((part) => part !== undefined).join(' · '));
  const isBad = isFailure(finding) || isWarning(finding);
  const indent = ' '.repeat(STATE_COLUMNS + 2);
  return [
    line(stateText(finding), `${harmlessLine(what).padEnd(width)}  ${said}`.trimEnd(), color, finding),
    ...(isBad && neededBy.length > 0 ? [`${indent}for ${stepsText(neededBy)}`] : []),
    ...(isBad && mend !== undefined ? [`${indent}→ ${harmlessLine(mend)}`] : []),
  ];
}

/** What isn't needed to run is told from what is by a word, since colour may be missing. */
function stateText(finding: Finding): string {
  return isWarning(finding) ? `${finding.state}?` : finding.state;
}

function line(state: string, text: string, color: boolean, finding?: Finding): string {
  const code = finding && isFailure(finding) ? 31 : finding && isWarning(finding) ? 33 : state === 'found' ? 32 : 2;
  const padded = state.padEnd(STATE_COLUMNS);
  return `  ${color ? `\u001b[${code}m${padded}\u001b[0m` : padded}${text}`;
}

function stepsText(ids: readonly string[]): string {
  if (ids.length <= SHOWN_STEPS + 1) return ids.join(', ');
  return `${ids.slice(0, SHOWN_STEPS).join(', ')} and ${ids.length - SHOWN_STEPS} more`;
}

function verdict(findings: readonly Finding[]): string {
  const failures = findings.filter(isFailure).length;
  const warnings = findings.filter(isWarning).length;
  const look = warnings === 0 ? '' : ` ${warnings} to look at (marked with ?).`;
  if (failures === 0) return `Everything needed here is there.${look}`;
  return `${failures} ${failures === 1 ? 'thing that is needed is' : 'things that are needed are'} missing, too old or unusable.${look}`;
}
