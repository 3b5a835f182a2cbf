// A new style of the painter's own.

import { post, Refusal } from "./api.js";

/**
 * Under a name that is made of the title, and free.
 * @param {Record<string, any>} body @param {string} title
 */
export async function createPreset(body, title) {
  const plain = title.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
  const base = plain || "my-style";
  for (let count = 1; ; count++) {
    try {
      return await post("/v1/presets", { ...body, name: count === 1 ? base : `${base}-${count}` });
    } catch (error) {
      if (!(error instanceof Refusal && error.code === "name_taken") || count > 50) throw error;
    }
  }
}
