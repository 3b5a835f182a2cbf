// The painting on the easel: follows its job, shows what it has become, and steers it.

import { follow, get, post } from "./api.js";
import { $, announce, duration, h } from "./dom.js";
import { guarded, showProblem } from "./problem.js";
import { ntr, tr } from "./words.js";

const LIVE_SIDE = 1600; // of a frame that is soon replaced
const ENDED = ["done", "cancelled", "failed"];
const WORDS = {
  queued: tr("Waiting for its turn…"),
  running: tr("Painting"),
  paused: tr("Paused"),
  done: tr("Finished"),
  cancelled: tr("Cancelled"),
  failed: tr("Failed"),
};
const RESTING = tr("Live: this is what you have chosen. Change something.");
const EXTRA = 40;

export class JobOnEasel {
  /** @param {import("./viewer.js").Viewer} viewer @param {(job: any) => void} changed */
  constructor(viewer, changed) {
    this.viewer = viewer;
    this.changed = changed;
    /** @type {any} */
    this.job = null;
    this.stop = () => {};
  }

  /** @param {any} job */
  start(job) {
    this.leave();
    this.job = job;
    this.progress = null;
    this.link(job.id);
    $("job-bar").hidden = false;
    const last = job.frames.at(-1);
    if (job.state === "done") this.viewer.paint(`/v1/jobs/${job.id}/result`);
    else if (last) this.frame(last);
    this.draw();
    if (!ENDED.includes(job.state)) this.listen();
    else if (job.error) showProblem(job.error);
  }

  /** Whether what is changed is painted at once. */
  get live() {
    return Boolean(this.job?.live) && !ENDED.includes(this.job.state);
  }

  /** Where “Paint” at the top leads: to the same painting again. @param {string} id */
  link(id) {
    document.querySelector('nav a[href^="#paint"]')?.setAttribute("href", id ? `#paint/${id}` : "#paint");
  }

  leave() {
    this.stop();
    this.stop = () => {};
    this.job = null;
    $("job-bar").hidden = true;
  }

  listen() {
    this.stop();
    const { id } = this.job;
    this.broken = false;
    this.stop = follow(id, {
      broken: () => (this.broken = true),
      state: ({ state, resting }) => {
        this.job.resting = resting;
        this.set(state);
      },
      progress: (data) => {
        this.progress = data;
        this.job.iteration = data.iteration;
        this.job.iterations = data.iterations;
        this.draw();
      },
      frame: (data) => this.frame(data),
      done: ({ state }) => {
        if (state === "done") this.viewer.paint(`/v1/jobs/${id}/result`);
        this.set(state);
      },
      error: (problem) => {
        this.set("failed");
        showProblem(problem);
      },
    });
  }

  /** @param {any} data */
  frame(data) {
    this.viewer.paint(`/v1/jobs/${this.job.id}/frames/${data.number}?max=${LIVE_SIDE}`);
  }

  /** @param {string} state */
  set(state) {
    if (state !== this.job.state) announce(WORDS[/** @type {keyof WORDS} */ (state)] ?? state);
    this.job.state = state;
    this.draw();
    this.changed(this.job);
  }

  draw() {
    const { state, iteration, iterations, resting } = this.job;
    const left = state === "running" && this.progress ? ` · ${tr("{} left", duration(this.progress.eta))}` : "";
    const counted = state === "done" ? ` · ${ntr("{} iteration", "{} iterations", iteration)}` : ` · ${tr("iteration {} of {}", iteration, iterations)}${left}`;
    if (this.live && state === "running" && resting) $("job-text").textContent = RESTING;
    else $("job-text").textContent = WORDS[/** @type {keyof WORDS} */ (state)] + (iteration || state !== "queued" ? counted : "");
    const bar = /** @type {HTMLProgressElement} */ ($("job-progress"));
    bar.value = iterations ? iteration / iterations : 0;
    bar.hidden = ENDED.includes(state) || Boolean(resting);
    if (this.drawn !== `${this.job.id} ${state}`) this.drawActions();
    this.drawn = `${this.job.id} ${state}`;
  }

  drawActions() {
    const { state } = this.job;
    const focused = document.activeElement?.closest("#job-actions");
    $("job-actions").replaceChildren(
      ...[
        state === "running" || state === "queued" ? this.action(tr("Pause"), "pause") : null,
        state === "paused" ? this.action(tr("Resume"), "resume", "primary") : null,
        state === "running" || state === "paused" ? this.action(tr("Stop and keep"), "finish") : null,
        ENDED.includes(state) ? null : this.action(tr("Cancel"), "cancel"),
        state === "done" ? this.downloads() : null,
        state === "done" && !this.job.live ? h("button", { type: "button", onclick: this.extend }, ntr("{} more iteration", "{} more iterations", EXTRA)) : null,
        state === "done" || state === "failed" ? h("a", { class: "button", href: `#watch/${this.job.id}` }, tr("Losses")) : null,
      ].filter((each) => each !== null),
    );
    if (focused) /** @type {HTMLElement|null} */ ($("job-actions").firstElementChild)?.focus();
  }

  /** @param {string} text @param {string} name @param {string} [kind] */
  action(text, name, kind = "") {
    const act = guarded(async () => {
      const job = await post(`/v1/jobs/${this.job.id}/${name}`);
      if (job.id === this.job?.id && name !== "finish") this.set(job.state);
    });
    return h("button", { type: "button", class: kind, onclick: act }, text);
  }

  downloads() {
    const link = (/** @type {string} */ kind) =>
      h("a", { class: "button", href: `/v1/jobs/${this.job.id}/file?format=${kind.toLowerCase()}`, download: true }, kind);
    return h("span", { class: "joined", role: "group", "aria-label": tr("Download") }, `${tr("Download")} `, ...["PNG", "JPEG", "WebP"].map(link));
  }

  extend = guarded(async () => {
    this.job = await post(`/v1/jobs/${this.job.id}/extend`, { iterations: EXTRA });
    this.set(this.job.state);
    this.listen();
  });
}

/** The newest painting of this page that is not finished. @returns {Promise<any>} */
export async function unfinished() {
  const { jobs } = await get("/v1/jobs");
  return jobs.find((/** @type {any} */ job) => job.client === "page" && !ENDED.includes(job.state));
}
