// Preferences have no schema, so what conf would check one with is never asked; in the bundle it would be loaded all the same.
export class Ajv2020 {
  constructor() {
    throw new Error('preferences have no schema');
  }
}
export default { default: () => {} };
