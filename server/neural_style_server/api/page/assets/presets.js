// Presets: all styles, to change, copy, export, import and delete; and one of the painter's own to edit.

import { call, get, post, Refusal } from "./api.js";
import { $, h, takesFiles } from "./dom.js";
import { edit, leaveEditor } from "./editor.js";
import "./from-painting.js";
import { createPreset } from "./new-preset.js";
import { reloadPresets } from "./paint.js";
import { guarded, reporting } from "./problem.js";
import { title, tr } from "./words.js";

export const showPresets = reporting(async (/** @type {string} */ name = "") => {
  const { presets, problems } = await get("/v1/presets");
  const own = presets.find((/** @type {any} */ preset) => preset.name === name && !preset.read_only);
  $("new-preset").hidden = $("styles").hidden = Boolean(own);
  if (own) return edit(own);
  leaveEditor();
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
    preset.read_only
      ? h("button", { type: "button", class: "small", onclick: () => copy(preset), "aria-label": tr("Copy and edit {}", title(preset)) }, tr("Copy and edit"))
      : h("a", { class: "button small", href: `#presets/${preset.name}`, "aria-label": tr("Edit {}", title(preset)) }, tr("Edit")),
    h("a", { class: "button small", href: `/v1/presets/${preset.name}/bundle`, download: `${preset.name}.nstyle`, "aria-label": tr("Export {}", title(preset)) }, tr("Export")),
    preset.read_only ? null : h("button", { type: "button", class: "small", onclick: remove, "aria-label": tr("Delete {}", title(preset)) }, tr("Delete")),
  );
}

/** @param {any} problem */
const broken = (problem) =>
  h("li", { class: "todo" }, h("span", { class: "mark" }, tr("Look")), h("span", { class: "what" }, h("strong", {}, problem.name), problem.detail));

/** A style that is not the painter's to change: a copy of it is. */
const copy = guarded(async (/** @type {any} */ preset) => {
  const name = tr("My {}", title(preset));
  const made = await createPreset({ title: name, copy_of: preset.name }, name);
  await reloadPresets();
  location.hash = `#presets/${made.name}`;
});

const changed = reporting(async () => {
  await reloadPresets();
  await showPresets();
});

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
  $("imported").textContent = tr("“{}” has been imported.", answer.title);
});

$("import").addEventListener("click", () => $("import-file").click());
takesFiles($("preset-list").parentElement, $("import-file"), importBundle);
$("new-preset").addEventListener("made", changed);
