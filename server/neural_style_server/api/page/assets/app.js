// The views, by what stands behind # in the address: #paint, #paint/JOB, #watch, #watch/JOB, #presets, #health.

import { $ } from "./dom.js";
import { watchDaemon } from "./daemon.js";
import { showHealth } from "./health.js";
import { hidePaint, showPaint } from "./paint.js";
import { showPresets } from "./presets.js";
import { hideProblem } from "./problem.js";
import { hideWatch, showWatch } from "./watch.js";

/** @type {Record<string, {show: (id: string) => void, hide?: () => void}>} */
const VIEWS = {
  paint: { show: showPaint, hide: hidePaint },
  watch: { show: showWatch, hide: hideWatch },
  presets: { show: showPresets },
  health: { show: showHealth },
};
let present = "";

function route() {
  const [wanted, id = ""] = location.hash.slice(1).split("/");
  if (wanted === "main") return; // the link that skips
  const name = wanted in VIEWS ? wanted : "paint";
  if (present && present !== name) {
    VIEWS[present].hide?.();
    hideProblem();
  }
  for (const each of Object.keys(VIEWS)) {
    $(`view-${each}`).hidden = each !== name;
    const link = document.querySelector(`nav a[href^="#${each}"]`);
    if (each === name) link?.setAttribute("aria-current", "page");
    else link?.removeAttribute("aria-current");
  }
  present = name;
  VIEWS[name].show(id);
}

window.addEventListener("hashchange", route);
window.addEventListener("back", route);
document.addEventListener("visibilitychange", () => document.hidden || watchDaemon());
// A file that misses its target must not replace the page.
for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
route();
watchDaemon();
