const STAMP = /^[[(]?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|UTC|[+-]\d\d:?\d\d)\b)?(?!\d)/;

/**
 * When a line says that it was written, in milliseconds since the epoch: it begins with an ISO 8601 date and time, perhaps
 * in brackets. A time without a zone is taken as the operator's. Undefined: it does not say.
 */
export function timeInLine(text: string): number | undefined {
  const [whole, date, time, fraction = '', zone = ''] = STAMP.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const offset = zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const at = Date.parse(`${date}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`);
  return Number.isNaN(at) ? undefined : at;
}
