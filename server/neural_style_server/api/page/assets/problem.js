// One place for what went wrong: what happened, and what to do next.

import { $, h } from "./dom.js";
import { Unreachable } from "./api.js";
import { problem, tr } from "./words.js";

/**
 * What happened and what to do. In another language those of the code, with the daemon's own words beside them.
 * @param {any} error @returns {[string, string]}
 */
export function told(error) {
  const detail = error.message ?? error.detail;
  const known = problem(error.code);
  return known ? [known[0], `${known[1]} (${detail})`] : [detail, error.hint ?? ""];
}

/** @param {any} error */
export function showProblem(error) {
  if (error instanceof Unreachable) return; // the line at the top says so
  const box = $("problem");
  const [what, hint] = told(error);
  box.replaceChildren(
    h("div", {}, h("strong", {}, what), " ", hint),
    h("button", { type: "button", class: "small", onclick: hideProblem, "aria-label": tr("Close") }, "✕"),
  );
  box.hidden = false;
}

export function hideProblem() {
  $("problem").hidden = true;
}

/**
 * A view that is shown by itself, too: its failures are shown, and it hides none of the painter's own.
 * @template {any[]} A
 * @param {(...args: A) => Promise<any>} action
 */
export const reporting =
  (action) =>
  async (/** @type {A} */ ...args) => {
    try {
      return await action(...args);
    } catch (error) {
      showProblem(error);
    }
  };

/**
 * A listener whose failures are shown, in the place of those of the one before.
 * @template {any[]} A
 * @param {(...args: A) => Promise<any>} action
 */
export const guarded = (action) => {
  const reported = reporting(action);
  return (/** @type {A} */ ...args) => {
    hideProblem();
    return reported(...args);
  };
};
