// Watch: all jobs of all clients, and one of them in detail.

import { call, get, post } from "./api.js";
import { $, duration, h } from "./dom.js";
import { drawFrames } from "./frames.js";
import "./losses.js";
import { guarded, showProblem, told } from "./problem.js";
import { drawStarts } from "./starts.js";
import { title, tr } from "./words.js";

const EVERY_MS = 2000;
const ENDED = ["done", "cancelled", "failed"];
const WORDS = {
  queued: tr("waiting"),
  running: tr("painting"),
  paused: tr("paused"),
  done: tr("finished"),
  cancelled: tr("cancelled"),
  failed: tr("failed"),
};
/** @type {Map<string, any>} */
const rows = new Map();
/** @type {Map<string, string>} */
const titles = new Map();
let timer = 0;
let chosen = "";

/** @param {string} id of a job, or nothing */
export function showWatch(id) {
  chosen = id;
  if (!id) $("detail").replaceChildren(h("p", { class: "quiet" }, tr("Choose a job to see its losses and frames.")));
  refresh();
}

export function hideWatch() {
  clearTimeout(timer);
  chosen = "";
}

async function refresh() {
  clearTimeout(timer);
  try {
    if (!titles.size) for (const preset of (await get("/v1/presets")).presets) titles.set(preset.name, title(preset));
    const { jobs } = await get("/v1/jobs");
    drawList(jobs);
    const job = jobs.find((/** @type {any} */ each) => each.id === chosen);
    if (job) await drawDetail(job, jobs);
  } catch (error) {
    showProblem(error);
  }
  if (!$("view-watch").hidden) timer = window.setTimeout(refresh, document.hidden ? 5 * EVERY_MS : EVERY_MS);
}

/** @param {any[]} jobs */
function drawList(jobs) {
  const list = $("jobs");
  $("no-jobs").hidden = jobs.length > 0;
  const there = new Set(jobs.map((job) => job.id));
  for (const [id, row] of rows) {
    if (!there.has(id)) {
      row.item.remove();
      rows.delete(id);
    }
  }
  jobs.forEach((job, at) => {
    const row = rows.get(job.id) ?? makeRow(job);
    if (list.children[at] !== row.item) list.insertBefore(row.item, list.children[at] ?? null);
    drawRow(row, job);
  });
}

/** @param {any} job */
function makeRow(job) {
  const row = {
    image: h("img", { alt: "", loading: "lazy", decoding: "async", width: 72, height: 72 }),
    state: h("span", { class: "state" }),
    text: h("span", { class: "quiet" }),
    bar: h("progress", { max: 1, "aria-label": tr("Progress") }),
    shown: "",
    item: null,
  };
  row.item = h(
    "li",
    {},
    h(
      "a",
      { href: `#watch/${job.id}` },
      row.image,
      h("span", { class: "what" }, h("strong", {}, titles.get(job.preset) ?? job.preset), row.state, row.text, row.bar),
    ),
  );
  rows.set(job.id, row);
  return row;
}

/** @param {any} row @param {any} job */
function drawRow(row, job) {
  const last = job.frames.at(-1);
  const picture = last ? `/v1/jobs/${job.id}/frames/${last.number}?max=144` : `/v1/images/${job.request.content}?max=144`;
  const left = job.state === "running" && job.eta != null ? `, ${tr("{} left", duration(job.eta))}` : "";
  const shown = JSON.stringify([job.state, job.resting, job.iteration, job.iterations, left, picture, chosen === job.id]);
  if (shown === row.shown) return;
  row.shown = shown;
  if (row.image.getAttribute("src") !== picture) row.image.setAttribute("src", picture);
  row.state.textContent = job.resting ? tr("live, resting") : WORDS[/** @type {keyof WORDS} */ (job.state)];
  row.state.dataset.state = job.state;
  row.text.textContent = `${job.client || tr("a program")} · ${tr("{} of {}", job.iteration, job.iterations)}${left}`;
  row.bar.value = job.iterations ? job.iteration / job.iterations : 0;
  row.bar.hidden = ENDED.includes(job.state);
  const link = row.item.firstElementChild;
  if (chosen === job.id) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}

/** @param {any} job @param {any[]} jobs */
async function drawDetail(job, jobs) {
  const detail = $("detail");
  if (detail.dataset.job !== job.id || !detail.querySelector("ns-losses")) {
    detail.dataset.job = job.id;
    detail.dataset.state = "";
    detail.replaceChildren(
      h("header", {}, h("h2", {}, titles.get(job.preset) ?? job.preset), h("div", { class: "buttons" })),
      h("p", { class: "quiet facts" }),
      h("ns-losses", {}),
      h("section", { class: "frames", "aria-label": tr("Frames side by side") }),
      h("section", { class: "starts", "aria-label": tr("Start images side by side") }),
    );
  }
  const facts = [`${job.width} × ${job.height}`, tr("seed {}", job.seed), tr("{} of painting", duration(job.seconds)), ...job.notes];
  if (job.error) facts.push(...told(job.error));
  detail.querySelector(".facts").textContent = facts.filter(Boolean).join(" · ");
  if (detail.dataset.state !== `${job.id} ${job.state}`) drawButtons(detail.querySelector(".buttons"), job);
  detail.dataset.state = `${job.id} ${job.state}`;
  const frames = detail.querySelector(".frames");
  drawFrames(frames, job);
  drawStarts(detail.querySelector(".starts"), job, jobs, refresh);
  const { losses } = await get(`/v1/jobs/${job.id}/losses`);
  const chart = detail.querySelector("ns-losses");
  if (detail.dataset.job !== job.id || !chart) return;
  chart.onpick = (/** @type {number} */ iteration) => drawFrames(frames, job, iteration);
  chart.draw(losses);
}

/** @param {HTMLElement} box @param {any} job */
function drawButtons(box, job) {
  const act = (/** @type {string} */ text, /** @type {string} */ name) =>
    h(
      "button",
      {
        type: "button",
        onclick: guarded(async () => {
          await post(`/v1/jobs/${job.id}/${name}`);
          await refresh();
        }),
      },
      text,
    );
  const remove = guarded(async () => {
    await call("DELETE", `/v1/jobs/${job.id}`);
    location.hash = "#watch";
  });
  const running = job.state === "running" || job.state === "queued";
  box.replaceChildren(
    ...[
      h("a", { class: "button", href: `#paint/${job.id}` }, tr("On the easel")),
      running ? act(tr("Pause"), "pause") : null,
      job.state === "paused" ? act(tr("Resume"), "resume") : null,
      ENDED.includes(job.state) ? h("button", { type: "button", onclick: remove }, tr("Delete")) : act(tr("Cancel"), "cancel"),
    ].filter((each) => each !== null),
  );
}
