/** When a line says that it was written. */
export type LineTime = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** False: it names no zone and was taken as the operator's, which may be wrong by hours. */
  readonly hasZone: boolean;
};

const STAMP = /^[[(]?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|UTC|[+-]\d\d:?\d\d)\b)?(?!\d)/;

/** The time in a line that begins with an ISO 8601 date and time, perhaps in brackets. Undefined: it does not say. */
export function timeInLine(text: string): LineTime | undefined {
  const [whole, date, time, fraction = '', zone = ''] = STAMP.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const offset = zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const at = Date.parse(`${date}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`);
  return Number.isNaN(at) ? undefined : { at, hasZone: zone !== '' };
}
