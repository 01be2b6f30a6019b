/** Says what is wrong with a value, as the end of a sentence that begins with its name; undefined: nothing is. */
export type FaultOf = (value: unknown) => string | undefined;

/** What a map has to hold; keys it has besides are let be: they may come from a later version. */
export type Shape = Readonly<Record<string, FaultOf>>;

const ofType =
  (type: 'string' | 'number' | 'boolean'): FaultOf =>
  (value) =>
    typeof value === type ? undefined : `is no ${type}`;

export const string = ofType('string');
export const number = ofType('number');
export const boolean = ofType('boolean');

/** A whole number from 1. */
export const ordinal: FaultOf = (value) =>
  Number.isInteger(value) && (value as number) > 0 ? undefined : 'is no whole number from 1';

export const oneOf =
  (...allowed: readonly string[]): FaultOf =>
  (value) =>
    allowed.some((one) => one === value) ? undefined : `is none of ${allowed.join(', ')}`;

/** It may be absent. */
export const optional =
  (fault: FaultOf): FaultOf =>
  (value) =>
    value === undefined ? undefined : fault(value);

export const listOf =
  (fault: FaultOf): FaultOf =>
  (value) => {
    if (!Array.isArray(value)) return 'is no list';
    const found = value.map(fault).find((one) => one !== undefined);
    return found === undefined ? undefined : `has an entry that ${found}`;
  };

export const recordOf =
  (fault: FaultOf): FaultOf =>
  (value) => {
    if (!isMap(value)) return 'is no map';
    for (const [key, one] of Object.entries(value)) {
      const found = fault(one);
      if (found !== undefined) return `has "${key}", which ${found}`;
    }
    return undefined;
  };

export const map =
  (shape: Shape): FaultOf =>
  (value) => {
    if (!isMap(value)) return 'is no map';
    for (const [key, fault] of Object.entries(shape)) {
      const found = fault(Object.hasOwn(value, key) ? value[key] : undefined);
      if (found !== undefined) return `has "${key}", which ${found}`;
    }
    return undefined;
  };

/** A map whose `kind` says what else it holds. */
export const variant =
  (shapes: Readonly<Record<string, Shape>>): FaultOf =>
  (value) => {
    if (!isMap(value)) return 'is no map';
    const kind = typeof value.kind === 'string' && Object.hasOwn(shapes, value.kind) ? shapes[value.kind] : undefined;
    return kind === undefined ? `has "kind", which ${oneOf(...Object.keys(shapes))(value.kind)}` : map(kind)(value);
  };

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
