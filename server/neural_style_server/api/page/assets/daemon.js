// The line at the top: how the daemon is, and whether it is there at all.

import { $ } from "./dom.js";
import { tr } from "./words.js";

const EVERY_MS = 4000;
const WORDS = {
  starting: tr("Loading the network…"),
  ready: tr("Ready"),
  busy: tr("Painting"),
  stopped: tr("Resting"),
  failed: tr("Needs attention"),
};
let gone = false;
let timer = 0;

/** Looks now and then; fires "back" on the window once the daemon is there again. */
export async function watchDaemon() {
  clearTimeout(timer);
  let next = EVERY_MS;
  try {
    const answer = await fetch("/v1/health", { cache: "no-store" });
    const health = await answer.json();
    if (gone && !(await isLetIn())) {
      next = 1500;
      show(tr("The session is over. Type “neural-style open” in a terminal, and this page goes on."), "gone", {});
    } else show(WORDS[/** @type {keyof WORDS} */ (health.worker)] ?? health.worker, health.worker, health);
  } catch {
    gone = true;
    next = 1500;
    show(tr("The daemon has stopped. This page waits for it."), "gone", {});
  }
  timer = window.setTimeout(watchDaemon, document.hidden ? 4 * next : next);
}

/** Sessions end with the daemon; a tab that was opened with a new code brings all of this browser's back. */
async function isLetIn() {
  const session = await fetch("/v1/page/session");
  if (!session.ok) return false;
  const meta = /** @type {HTMLMetaElement} */ (document.querySelector('meta[name="csrf-token"]'));
  meta.content = (await session.json()).csrf_token;
  gone = false;
  window.dispatchEvent(new Event("back"));
  return true;
}

window.addEventListener("locked", () => {
  if (gone) return;
  gone = true;
  watchDaemon();
});

/** @param {string} text @param {string} kind @param {any} health */
function show(text, kind, health) {
  const line = $("daemon");
  if (line.textContent !== text) line.textContent = text;
  line.dataset.kind = kind;
  line.title = [health.device, health.detail].filter(Boolean).join("\n");
}
