// Paint: a picture, a style, and what becomes of them.

import { call, get, post, Refusal } from "./api.js";
import { $, announce, debounced, duration, h, memory, takesFiles } from "./dom.js";
import "./controls.js";
import { watchDaemon } from "./daemon.js";
import "./gallery.js";
import { JobOnEasel, unfinished } from "./job.js";
import { createPreset } from "./new-preset.js";
import { choices, labelBlend, offerBlends, offerSizes, restoreChoices } from "./order.js";
import { pasted, sample, shown, upload } from "./picture.js";
import { guarded, reporting, showProblem, told } from "./problem.js";
import { blendOf } from "./regions.js";
import { TryOut } from "./tryout.js";
import "./viewer.js";
import { description, ntr, title, tr } from "./words.js";

/** @type {import("./viewer.js").Viewer} */
const viewer = $("viewer");
/** @type {import("./gallery.js").Gallery} */
const gallery = $("gallery");
/** @type {import("./controls.js").Controls} */
const controls = $("controls");
/** @type {import("./regions.js").Regions} */
const regions = $("regions");
const LIVE_S = 0.3; // between two frames of a live job
const tryOut = new TryOut(gallery, $("try-all"));
const easel = new JobOnEasel(viewer, watchDaemon);
/** @type {import("./picture.js").Picture|null} */
let picture = null;
let loaded = false;
let forecasts = 0;
let asked = ""; // what a live job has been told
let turns = 0;
let telling = Promise.resolve();
let restored = ""; // the job whose settings and marks are here, perhaps changed since

/** @param {string} id of a job, or nothing */
export const showPaint = reporting(async (id) => {
  if (!loaded) await load();
  if (id) await openJob(id);
  else if (easel.job) leaveEasel();
  else if (!picture) await resumeUnfinished();
});

export function hidePaint() {
  easel.leave();
}

async function load() {
  const { presets } = await get("/v1/presets");
  fill(presets);
  loaded = true;
  /** @type {import("./gallery.js").Preset[]} */
  const recent = presets.filter((/** @type {any} */ each) => each.last_used);
  recent.sort((a, b) => b.last_used - a.last_used);
  const usual = presets.find((/** @type {any} */ each) => each.name === "night-swirl");
  const first = recent[0] ?? usual ?? presets[0];
  if (first) gallery.choose(first.name);
}

/** A style was made, changed or imported elsewhere on the page. */
export async function reloadPresets() {
  if (!loaded) return;
  fill((await get("/v1/presets")).presets);
  const preset = gallery.preset;
  if (!preset) return;
  const kept = controls.changed;
  controls.start(preset);
  controls.set({ ...controls.own, ...kept });
  drawChosen(preset);
  ask();
}

/** @param {import("./gallery.js").Preset[]} presets */
function fill(presets) {
  gallery.fill(presets);
  regions.offer(presets);
}

async function resumeUnfinished() {
  const job = await unfinished();
  if (job) location.hash = `#paint/${job.id}`;
}

/** @param {string} id */
async function openJob(id) {
  if (easel.job?.id === id && !easel.broken) return;
  let job;
  try {
    job = await get(`/v1/jobs/${id}`);
  } catch (error) {
    if (!(error instanceof Refusal && error.status === 404)) throw error;
    history.replaceState(null, "", "#paint");
    easel.link("");
    throw error;
  }
  const content = shown({ id: job.request.content, width: job.width, height: job.height });
  if (picture?.id !== content.id) take(content, false);
  else viewer.show(content.url, content.width, content.height);
  easel.start(job);
  if (restored === id) change();
  else await restore(job);
}

/** The settings of a job, as they were when it was started. @param {any} job */
async function restore(job) {
  restored = job.id;
  if (gallery.presets.some((preset) => preset.name === job.preset)) gallery.choose(job.preset);
  controls.set({ ...controls.own, ...job.request.controls });
  restoreChoices({ ...job.request, blend: blendOf(job.request) });
  $("live").checked = Boolean(job.live);
  const marks = regions.restore(job.request);
  asked = JSON.stringify(await changes());
  ask();
  await marks;
}

/** @param {import("./picture.js").Picture} found @param {boolean} [fresh] */
function take(found, fresh = true) {
  picture = found;
  restored = "";
  viewer.show(found.url, found.width, found.height);
  regions.start(found.width, found.height);
  tryOut.use(found.id);
  offerSizes(found.width, found.height, fresh);
  $("paint").disabled = false;
  announce(tr("The picture has {} × {} pixels.", found.width, found.height));
  ask();
}

const takeFile = guarded(async (/** @type {Blob} */ file) => {
  viewer.classList.add("busy");
  try {
    const found = await upload(file);
    leaveJob();
    take(found);
  } finally {
    viewer.classList.remove("busy");
  }
});

/** Back to the picture alone. */
function leaveEasel() {
  easel.leave();
  if (picture) viewer.show(picture.url, picture.width, picture.height);
}

function leaveJob() {
  easel.leave();
  easel.link("");
  if (location.hash.startsWith("#paint/")) history.pushState(null, "", "#paint");
}

/** The job's body without its picture and what is marked on it. @returns {Record<string, any>} */
const order = () => ({ preset: gallery.chosen, controls: controls.changed, client: "page", ...choices() });

const ask = debounced(async () => {
  if (!picture || !gallery.chosen) return;
  const turn = ++forecasts;
  const { frames: _, ...body } = regions.forecast(order());
  try {
    const found = await post("/v1/forecast", { ...body, width: picture.width, height: picture.height });
    if (turn === forecasts) tell(found);
  } catch (error) {
    if (turn === forecasts) {
      $("forecast").textContent = error instanceof Refusal ? told(error).join(" ") : "";
      $("forecast").classList.add("warning");
    }
  }
}, 200);

/** @param {any} found */
function tell(found) {
  const parts = [tr("About {}", duration(found.seconds)), ntr("{} iteration", "{} iterations", found.iterations), memory(found.bytes)];
  const guess = found.calibrated ? "" : ` ${tr("(a guess: this computer has not been measured yet)")}`;
  $("forecast").textContent = found.fits ? parts.join(" · ") + guess : `${tr("This does not fit into memory.")} ${found.detail}`;
  $("forecast").classList.toggle("warning", !found.fits);
}

const paint = guarded(async () => {
  if (!picture) return;
  const button = $("paint");
  button.disabled = true;
  try {
    const live = $("live").checked ? { live: true, frames: { seconds: LIVE_S } } : {};
    const body = await regions.body(order());
    const job = await post("/v1/jobs", { ...body, content: picture.id, ...live });
    regions.take("");
    viewer.forget();
    asked = JSON.stringify(changesOf(body));
    restored = job.id;
    easel.start(job);
    change(); // what was moved meanwhile
    history.pushState(null, "", `#paint/${job.id}`);
    announce(tr("Painting has begun."));
    if (matchMedia("(max-width: 45rem)").matches) viewer.scrollIntoView({ block: "start" });
  } finally {
    button.disabled = false;
  }
});

/** What of a job's body a live one can be told. @param {Record<string, any>} body @returns {Record<string, any>} */
const changesOf = ({ preset, controls: changed, method, size = null, blend = [], mask = null, regions: marked = null }) =>
  ({ preset, controls: changed, method, size, blend, mask, regions: marked });

const changes = async () => changesOf(await regions.body(order()));

/** Tells a live job what has changed. */
const change = debounced(
  guarded(async () => {
    if (!easel.live) return;
    const turn = ++turns;
    const { id } = easel.job;
    const wanted = await changes();
    if (turn !== turns || easel.job?.id !== id || JSON.stringify(wanted) === asked) return; // a later one has it all
    asked = JSON.stringify(wanted);
    const told = telling.catch(() => {}).then(() => call("PATCH", `/v1/jobs/${id}`, wanted));
    telling = told;
    await told;
  }),
  120,
);

/** The style with the sliders as they stand, under a title of its own. */
const save = guarded(async () => {
  const preset = gallery.preset;
  const name = preset && prompt(tr("Title of your style:"), tr("My {}", title(preset)))?.trim();
  if (!preset || !name) return;
  const made = await createPreset({ title: name, copy_of: preset.name }, name);
  if (Object.keys(controls.changed).length) await call("PUT", `/v1/presets/${made.name}`, { controls: controls.changed });
  await reloadPresets();
  gallery.choose(made.name);
  announce(tr("“{}” is among the styles.", name));
});

function showChosen() {
  const preset = gallery.preset;
  if (!preset) return;
  controls.start(preset);
  drawChosen(preset);
  offerBlends(gallery.presets.filter((each) => each.name !== preset.name));
  ask();
  change();
}

/** @param {import("./gallery.js").Preset} preset */
function drawChosen(preset) {
  const star = h("button", {
    type: "button",
    class: "small",
    "aria-pressed": preset.favourite,
    onclick: guarded(async () => {
      Object.assign(preset, await call("PUT", `/v1/presets/${preset.name}`, { favourite: !preset.favourite }));
      gallery.draw();
      drawChosen(preset);
      /** @type {HTMLElement|null} */ ($("chosen").querySelector("button"))?.focus();
    }),
  }, `${preset.favourite ? "★" : "☆"} ${tr("Favourite")}`);
  $("chosen").replaceChildren(h("p", {}, h("strong", {}, title(preset)), star), h("p", { class: "quiet" }, description(preset)));
}

gallery.addEventListener("choose", showChosen);
$("save").addEventListener("click", save);
$("order").addEventListener("change", () => {
  labelBlend();
  ask();
  change();
});
$("order").addEventListener("input", () => change());
$("blend-share").addEventListener("input", labelBlend);
$("order").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  paint();
});
for (const id of ["choose", "other"]) $(id).addEventListener("click", () => $("file").click());
$("sample").addEventListener("click", guarded(async () => take(await sample())));
takesFiles(viewer, $("file"), takeFile);
window.addEventListener("paste", (event) => {
  const file = pasted(event);
  if (file && !$("view-paint").hidden) takeFile(file);
});
regions.connect(viewer);
window.addEventListener("error", (event) => showProblem({ message: event.message, hint: tr("Reload the page.") }));
