// Presets: make a style from a painting and see a draft of it; export, import and delete styles.

import { call, follow, get, post, Refusal } from "./api.js";
import { $, h, takesFiles } from "./dom.js";
import { createPreset } from "./new-preset.js";
import { reloadPresets } from "./paint.js";
import { sample, upload } from "./picture.js";
import { guarded, reporting, showProblem } from "./problem.js";
import { title, tr } from "./words.js";

/** @type {import("./picture.js").Picture|null} */
let painting = null;

export const showPresets = reporting(async () => {
  const { presets, problems } = await get("/v1/presets");
  $("preset-list").replaceChildren(...presets.map(row), ...problems.map(broken));
});

/** @param {any} preset */
function row(preset) {
  const remove = guarded(async () => {
    if (!confirm(tr("Delete the style “{}”?", preset.title))) return;
    await call("DELETE", `/v1/presets/${preset.name}`);
    await changed();
  });
  return h(
    "li",
    {},
    h("img", { src: preset.thumbnail, alt: "", loading: "lazy", width: 48, height: 48 }),
    h("span", { class: "what" }, h("strong", {}, title(preset)), h("span", { class: "quiet" }, preset.tags.map((/** @type {string} */ tag) => tr(tag)).join(", "))),
    h("a", { class: "button small", href: `/v1/presets/${preset.name}/bundle`, download: `${preset.name}.nstyle`, "aria-label": tr("Export {}", title(preset)) }, tr("Export")),
    preset.read_only ? null : h("button", { type: "button", class: "small", onclick: remove, "aria-label": tr("Delete {}", title(preset)) }, tr("Delete")),
  );
}

/** @param {any} problem */
const broken = (problem) =>
  h("li", { class: "todo" }, h("span", { class: "mark" }, tr("Look")), h("span", { class: "what" }, h("strong", {}, problem.name), problem.detail));

async function changed() {
  await reloadPresets();
  await showPresets();
}

const takePainting = guarded(async (/** @type {File} */ file) => {
  painting = await upload(file);
  const image = $("painting");
  image.src = painting.url;
  image.hidden = false;
  $("make-preset").disabled = false;
  if (!$("preset-title").value) $("preset-title").value = file.name.replace(/\.\w+$/, "").replace(/[_-]+/g, " ").slice(0, 80);
  $("preset-title").focus();
});

const make = guarded(async () => {
  if (!painting) return;
  const name = $("preset-title").value.trim();
  const tags = $("preset-tags").value.split(",").map((/** @type {string} */ tag) => tag.trim()).filter(Boolean);
  const preset = await createPreset({ title: name || tr("My style"), tags, images: [painting.id] }, name);
  await changed();
  await draft(preset);
});

/** A small, quick painting of the sample, as it becomes. @param {any} preset */
async function draft(preset) {
  const content = await sample();
  const job = await post("/v1/jobs", {
    content: content.id, preset: preset.name, size: 256, method: { quality: "draft" }, client: "page-draft", frames: { seconds: 1 },
  });
  const image = h("img", { alt: tr("A draft of {} on the sample", preset.title), src: content.url });
  const text = h("p", {}, tr("“{}” is among the styles. A draft on the sample is being painted…", preset.title));
  $("draft").replaceChildren(text, image);
  const stop = follow(job.id, {
    frame: ({ number }) => (image.src = `/v1/jobs/${job.id}/frames/${number}?max=600`),
    done: () => (text.textContent = tr("“{}” is among the styles. This is a draft on the sample.", preset.title)),
    error: (problem) => {
      stop();
      showProblem(problem);
    },
  });
}

const importBundle = guarded(async (/** @type {File} */ file) => {
  const bundle = new Blob([file], { type: "application/zip" });
  let answer;
  try {
    answer = await post("/v1/presets/import", bundle);
  } catch (error) {
    const taken = error instanceof Refusal && error.code === "name_taken";
    const name = taken && prompt(tr("There is a style of that name. Another name for this one:"), "");
    if (!name) throw error;
    answer = await post(`/v1/presets/import?name=${encodeURIComponent(name)}`, bundle);
  }
  await changed();
  $("draft").replaceChildren(h("p", {}, tr("“{}” has been imported.", answer.title)));
});

$("choose-painting").addEventListener("click", () => $("painting-file").click());
takesFiles($("painting-drop"), $("painting-file"), takePainting);
$("import").addEventListener("click", () => $("import-file").click());
takesFiles($("preset-list").parentElement, $("import-file"), importBundle);
$("new-preset").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  make();
});
