// A style of the painter's own: its texts, its image, its controls, and every setting of its method with range and meaning.
// What is changed is painted on the sample at once, and kept when it is saved.

import { call } from "./api.js";
import "./controls.js";
import { $, debounced, h, takesFiles } from "./dom.js";
import { Draft, likeImage } from "./draft.js";
import { reloadPresets } from "./paint.js";
import { upload } from "./picture.js";
import { guarded } from "./problem.js";
import { settings } from "./settings.js";
import { tr } from "./words.js";

const LAYERS = "\\s*relu\\d_\\d\\s*:\\s*[\\d.e+\\-]+\\s*"; // one layer and its weight
const LARGE = 1e6; // from here on a number is written with an exponent

/** @type {HTMLFormElement} */
const form = $("editor");
/** @type {import("./controls.js").Controls} */
const controls = $("edited-controls");
const fields = $("method");
const draft = new Draft($("edited-draft"));
const [image, imageDrop, imageFile, chooseImage] = ["edited-image", "edited-image-drop", "edited-image-file", "choose-image"].map($);
/** @type {Record<string, any>|null} */
let preset = null;
/** @type {Record<string, import("./settings.js").Schema>} */
let schemas = {};
let texts = ""; // title, description and tags as they were
/** @type {import("./picture.js").Picture|null} in place of the style's own image, until it is saved */
let painting = null;
form.remove();
form.hidden = false;

/** @param {Record<string, any>} found */
export async function edit(found) {
  $("view-presets").append(form);
  if (preset?.name === found.name && isChanged()) return; // the painter comes back to what is not saved yet
  schemas = (await settings()).method;
  if (!form.isConnected) return; // the painter has gone on already
  $("saved").textContent = "";
  fill(found);
  $("editor-title").focus();
  await paintDraft();
}

export function leaveEditor() {
  form.remove();
  draft.leave();
}

/** @param {Record<string, any>} found */
function fill(found) {
  preset = found;
  $("editor-title").textContent = found.title;
  $("edited-title").value = found.title;
  $("edited-description").value = found.description;
  $("edited-tags").value = found.tags.join(", ");
  texts = JSON.stringify(notes());
  painting = null;
  imageDrop.hidden = found.images.length > 1; // those have weights, which preset.yaml says
  showImage(`/v1/presets/${found.name}/style`);
  controls.start(found);
  fields.replaceChildren(...Object.entries(schemas).map(([name, schema]) => row(name, schema, found.method[name])));
}

/** As the daemon has it now: under the same address there may have been another. @param {string} url */
const showImage = guarded(async (/** @type {string} */ url) => {
  const answer = await fetch(url, { headers: { Accept: "image/png" } });
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(await answer.blob());
});

const takePainting = guarded(async (/** @type {File} */ file) => {
  const edited = preset;
  const taken = await upload(file);
  if (preset !== edited || !form.isConnected) return; // the painter has gone on already
  painting = taken;
  $("saved").textContent = "";
  await showImage(painting.url);
  await paintDraft();
});

const notes = () => ({
  title: $("edited-title").value.trim(),
  description: $("edited-description").value.trim(),
  tags: $("edited-tags").value.split(",").map((/** @type {string} */ tag) => tag.trim()).filter(Boolean),
});

/** @param {string} name @param {import("./settings.js").Schema} schema @param {any} value */
function row(name, schema, value) {
  const id = `method-${name}`;
  const field = fieldOf(schema, { id, name, "aria-describedby": `${id}-means` });
  const own = written(value);
  field.value = field.dataset.own = own === written(schema.default) ? "" : own;
  const means = [tr(schema.description), range(schema)].filter(Boolean).join(" · ");
  return h("div", { class: "setting" }, h("label", { for: id }, h("code", {}, name)), field, h("p", { class: "quiet", id: `${id}-means` }, means));
}

/** A field that is empty has the default. @param {import("./settings.js").Schema} schema @param {Record<string, any>} attributes */
function fieldOf(schema, attributes) {
  const usual = written(schema.default);
  const words = schema.type === "boolean" ? ["true", "false"] : schema.enum;
  if (words) {
    const others = words.filter((/** @type {string} */ word) => word !== usual).map((/** @type {string} */ word) => h("option", {}, word));
    return h("select", attributes, h("option", { value: "" }, tr("{} (default)", usual)), ...others);
  }
  if (schema.type === "object") return h("input", { ...attributes, type: "text", placeholder: usual, pattern: `${LAYERS}(,${LAYERS})*`, title: usual });
  const step = schema.type === "integer" ? 1 : "any";
  return h("input", { ...attributes, type: "number", placeholder: usual, min: schema.minimum, max: schema.maximum, step });
}

/** As a field has it. @param {any} value */
const written = (value) =>
  value !== null && typeof value === "object" ? Object.entries(value).map(([layer, weight]) => `${layer}: ${weight}`).join(", ") : String(value);

/** @param {import("./settings.js").Schema} schema @returns {string} */
function range({ type, minimum, maximum, additionalProperties: each }) {
  if (type === "object") return tr("weights {}", range({ type: "number", ...each, additionalProperties: null }));
  if (minimum === undefined) return "";
  const brief = (/** @type {number} */ value) => (value >= LARGE ? Number(value.toPrecision(6)).toExponential() : String(value));
  return `${brief(minimum)}–${brief(maximum)}`;
}

/** @param {HTMLInputElement} field @returns {any} null for the default */
function read({ name, value }) {
  const { type } = schemas[name];
  if (!value.trim()) return null;
  if (type === "object") return Object.fromEntries(value.split(",").map((pair) => pair.split(":")).map(([layer, weight]) => [layer.trim(), Number(weight)]));
  if (type === "boolean") return value === "true";
  return type === "string" ? value : Number(value);
}

/** What the painter has changed of the method. @returns {Record<string, any>} */
function method() {
  const all = /** @type {HTMLInputElement[]} */ ([...fields.querySelectorAll("input, select")]);
  return Object.fromEntries(all.filter((field) => field.value !== field.dataset.own).map((field) => [field.name, read(field)]));
}

const isChanged = () =>
  painting !== null || texts !== JSON.stringify(notes()) || Object.keys(controls.changed).length > 0 || Object.keys(method()).length > 0;

const paintDraft = guarded(async () => {
  if (!preset || !form.isConnected || !form.checkValidity()) return;
  const changed = Object.entries(method()).map(([name, value]) => [name, value ?? schemas[name].default]);
  const style = { preset: preset.name, controls: controls.changed, method: Object.fromEntries(changed) };
  await draft.paint(preset.title, painting ? { ...style, regions: await likeImage(painting.id) } : style);
});

const save = guarded(async () => {
  if (!preset || !form.reportValidity()) return;
  const images = painting ? { images: [painting.id] } : {};
  const saved = await call("PUT", `/v1/presets/${preset.name}`, { ...notes(), ...images, controls: controls.changed, method: method() });
  if (form.isConnected) {
    fill(saved);
    $("saved").textContent = tr("Saved.");
  } else preset = null; // what is in the fields is saved
  await reloadPresets();
});

takesFiles(imageDrop, imageFile, takePainting);
chooseImage.addEventListener("click", () => imageFile.click());
for (const kind of ["input", "change"]) form.addEventListener(kind, () => ($("saved").textContent = ""));
for (const part of [controls, fields]) part.addEventListener("change", debounced(paintDraft, 300));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
