import type { UnknownEvidence } from '../../run/attempt-sighting.ts';
import { type EvidenceRow, evidenceRows } from '../../run/evidence-text.ts';
import { type Row, type Style, span, wrapText } from '../spans.ts';
import { styles } from '../theme.ts';
import { labelled } from './sheet.ts';

const LABEL_WIDTH = 10;
/** No one finding may push the others out of sight. */
const MOST_ROWS_EACH = 3;

const toneStyles: Readonly<Record<EvidenceRow['tone'], Style>> = {
  plain: {},
  good: styles.good,
  bad: styles.bad,
  wary: styles.wary,
  quiet: styles.quiet,
};

/**
 * What is known of an attempt whose end nobody knows, a label before each finding.
 *
 * @param height rows there are for it: the last lines of output give way first.
 */
export function evidenceSheetRows(
  evidence: UnknownEvidence | undefined,
  { width, height, output }: { readonly width: number; readonly height: number; readonly output: boolean },
): readonly Row[] {
  if (evidence === undefined) return [[span('Looking …', styles.quiet)]];
  const all = evidenceRows(evidence);
  const facts = all.filter((row) => row.label !== 'output').flatMap((row) => factRows(row, width));
  if (!output) return facts;
  const room = Math.max(1, height - facts.length);
  const lines = all.filter((row) => row.label === 'output').slice(-Math.min(room, 6));
  return [
    ...facts,
    ...lines.map((row, index) =>
      labelled(index === 0 ? 'output' : '', LABEL_WIDTH, [span(row.text, toneStyles[row.tone])]),
    ),
  ];
}

function factRows({ label, text, tone }: EvidenceRow, width: number): readonly Row[] {
  const wrapped = wrapText(text, Math.max(1, width - LABEL_WIDTH));
  const shown = wrapped.slice(0, MOST_ROWS_EACH);
  return shown.map((line, index) => {
    const isCut = index === MOST_ROWS_EACH - 1 && wrapped.length > MOST_ROWS_EACH;
    return labelled(index === 0 ? label : '', LABEL_WIDTH, [span(isCut ? `${line} …` : line, toneStyles[tone])]);
  });
}
