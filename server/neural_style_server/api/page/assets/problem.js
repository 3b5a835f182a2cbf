// One place for what went wrong: what happened, and what to do next.

import { $, h } from "./dom.js";
import { Unreachable } from "./api.js";

/** @param {any} error */
export function showProblem(error) {
  if (error instanceof Unreachable) return; // the line at the top says so
  const box = $("problem");
  box.replaceChildren(
    h("div", {}, h("strong", {}, error.message ?? error.detail), " ", error.hint ?? ""),
    h("button", { type: "button", class: "small", onclick: hideProblem, "aria-label": "Close" }, "✕"),
  );
  box.hidden = false;
}

export function hideProblem() {
  $("problem").hidden = true;
}

/**
 * A listener whose failures are shown.
 * @template {any[]} A
 * @param {(...args: A) => Promise<any>} action
 */
export const guarded =
  (action) =>
  async (/** @type {A} */ ...args) => {
    try {
      hideProblem();
      return await action(...args);
    } catch (error) {
      showProblem(error);
    }
  };
