// Start images side by side: the same job begun from the photo, from noise, from a mix and from the style, painted small.

import { call, post } from "./api.js";
import { h } from "./dom.js";
import { guarded } from "./problem.js";
import { tr } from "./words.js";

const SIDE = 256;
/** @type {Record<string, string>} */
const STARTS = { content: tr("The picture itself"), noise: tr("Noise"), mix: tr("A mix of both"), style: tr("The style image") };
const PASSED_ON = ["content", "preset", "blend", "controls", "method", "regions", "mask"];

/** By its client's name a job is known for one of another's. @param {any} job */
const clientOf = (job) => `starts of ${job.id}`;

/**
 * @param {any} box
 * @param {any} job
 * @param {any[]} jobs all of them
 * @param {() => Promise<void>} changed
 */
export function drawStarts(box, job, jobs, changed) {
  const own = jobs.filter((each) => each.client === clientOf(job)).reverse();
  const state = JSON.stringify(own.map((each) => [each.id, each.state, each.iteration, each.frames.length]));
  if (state === box.state) return;
  box.state = state;
  const start = guarded(async (/** @type {any} */ event) => {
    event.target.disabled = true; // once is enough; the box is drawn anew then
    for (const name of Object.keys(STARTS)) await post("/v1/jobs", bodyOf(job, name));
    await changed();
  });
  const forget = guarded(async () => {
    for (const each of own) await call("DELETE", `/v1/jobs/${each.id}`);
    await changed();
  });
  const focused = box.contains(document.activeElement);
  box.replaceChildren(
    h("h3", {}, tr("Start images")),
    own.length ? h("div", { class: "side-by-side" }, ...own.map(figure)) : h("p", { class: "quiet" }, tr("The same job from the photo, from noise, from a mix of both and from the style, painted small and shown side by side.")),
    h("p", { class: "buttons" }, own.length ? h("button", { type: "button", onclick: forget }, tr("Delete these")) : h("button", { type: "button", onclick: start }, tr("Paint from each start image"))),
  );
  if (focused) box.querySelector("button").focus();
}

/** @param {any} job @param {string} start */
function bodyOf(job, start) {
  const { size } = job.request;
  const body = Object.fromEntries(PASSED_ON.map((key) => [key, job.request[key]]));
  return {
    ...given(body),
    method: { ...job.request.method, start },
    seed: job.seed,
    size: Math.min(SIDE, size ?? SIDE),
    client: clientOf(job),
    frames: { seconds: 1 },
  };
}

/** A kept request as a client would send it: without what is not set. @param {any} value @returns {any} */
function given(value) {
  if (Array.isArray(value)) return value.map(given);
  if (value === null || typeof value !== "object") return value;
  const set = Object.entries(value).filter(([, each]) => each !== null && !(Array.isArray(each) && !each.length));
  return Object.fromEntries(set.map(([key, each]) => [key, given(each)]));
}

/** @param {any} job */
function figure(job) {
  const start = STARTS[job.request.method.start];
  const last = job.frames.at(-1);
  const path = job.state === "done" ? `/v1/jobs/${job.id}/result?max=600` : last ? `/v1/jobs/${job.id}/frames/${last.number}?max=600` : "";
  const size = { width: job.width, height: job.height };
  return h(
    "figure",
    {},
    path ? h("img", { src: path, alt: tr("Painted from: {}", start), decoding: "async", ...size }) : h("canvas", size),
    h("figcaption", {}, `${start} · ${tr("iteration {} of {}", job.iteration, job.iterations)}`),
  );
}
