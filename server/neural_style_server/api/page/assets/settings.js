// The one description of controls and method, as the daemon's OpenAPI document has it: meanings, ranges, defaults.

import { get } from "./api.js";

/** @typedef {Record<string, any>} Schema of one setting */
/** @typedef {{controls: Record<string, Schema>, method: Record<string, Schema>}} Settings */

/** @type {Promise<Settings>|null} */
let known = null;

/** @returns {Promise<Settings>} */
export function settings() {
  known ??= get("/v1/openapi.json").then(({ components: { schemas } }) => ({
    controls: schemas.Controls.properties,
    method: schemas.Method.properties,
  }));
  known.catch(() => (known = null));
  return known;
}

/** @param {Record<string, Schema>} schemas @returns {Record<string, any>} */
export const defaults = (schemas) => Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schema.default]));
