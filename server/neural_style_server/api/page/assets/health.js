// Health: what the daemon knows of itself and the machine.

import { Refusal, call, get, post } from "./api.js";
import { $, h } from "./dom.js";
import { guarded, reporting } from "./problem.js";
import { tr } from "./words.js";

const WORKER_WORDS = {
  starting: tr("getting ready"),
  ready: tr("ready"),
  busy: tr("painting"),
  stopped: tr("asleep"),
  failed: tr("failed"),
};
const NOT_KNOWN = tr("device not known yet");

export const showHealth = reporting(async () => {
  const { workers } = await get("/v1/workers");
  $("workers").replaceChildren(
    ...workers.map((/** @type {any} */ worker) =>
      h(
        "li",
        {},
        h("strong", {}, WORKER_WORDS[/** @type {keyof WORKER_WORDS} */ (worker.state)]),
        h("span", {}, tr("{} on {}", worker.device ?? NOT_KNOWN, worker.host)),
      ),
    ),
  );
  const found = await diagnosis();
  for (const part of document.querySelectorAll(".machine")) part.toggleAttribute("hidden", found === null);
  if (found === null) return;
  const { findings, settings, log } = found;
  $("findings").replaceChildren(
    ...findings.map((/** @type {any} */ finding) =>
      h(
        "li",
        { class: finding.ok ? "ok" : "todo" },
        h("span", { class: "mark" }, finding.ok ? tr("OK") : tr("Look")),
        h("strong", {}, finding.name),
        h("span", {}, finding.detail, finding.next_step ? h("em", {}, ` ${finding.next_step}`) : null),
      ),
    ),
  );
  const lines = Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  $("settings").textContent = lines.join(", ") || tr("There are none.");
  const pre = $("log");
  pre.textContent = log.join("\n") || tr("The log is empty.");
  pre.scrollTop = pre.scrollHeight;
});

$("language").addEventListener("change", () => {
  document.cookie = `neural_style_language=${$("language").value}; path=/; max-age=31536000; samesite=strict`;
  location.reload();
});


/** What only the owner of the machine is told; null for another user. */
async function diagnosis() {
  try {
    return await get("/v1/diagnosis");
  } catch (error) {
    if (error instanceof Refusal && error.code === "owner_only") return null;
    throw error;
  }
}

$("unload").addEventListener(
  "click",
  guarded(async () => {
    await post("/v1/unload");
    await showHealth();
  }),
);
$("log-out").addEventListener(
  "click",
  guarded(async () => {
    await call("DELETE", "/v1/page/session");
    location.reload();
  }),
);
