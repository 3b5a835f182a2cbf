// Make a style from a painting: choose the part of it that counts, and see a draft on the sample at once.

import { get } from "./api.js";
import "./crop.js";
import { $, debounced, takesFiles } from "./dom.js";
import { Draft, likeImage } from "./draft.js";
import { createPreset } from "./new-preset.js";
import { cut, upload } from "./picture.js";
import { guarded } from "./problem.js";
import { defaults, settings } from "./settings.js";
import { tr } from "./words.js";

/** @type {import("./crop.js").Crop} */
const crop = $("crop");
const draft = new Draft($("draft"));
/** @type {import("./picture.js").Picture|null} */
let painting = null;
let chosen = { of: "", part: "", id: "" }; // the part that the daemon has

const take = guarded(async (/** @type {File} */ file) => {
  painting = await upload(file);
  crop.show(painting);
  $("crop-buttons").hidden = false;
  $("make-preset").disabled = false;
  $("made").textContent = "";
  showPart();
  if (!$("preset-title").value) $("preset-title").value = file.name.replace(/\.\w+$/, "").replace(/[_-]+/g, " ").slice(0, 80);
  $("preset-title").focus();
  await paintDraft();
});

function showPart() {
  const { width, height } = crop.pixels;
  $("crop-size").textContent = tr("{} × {} pixels", width, height);
  $("crop-all").disabled = crop.isWhole;
}

/** @returns {Promise<string>} the id of the part of the painting that is chosen */
async function part() {
  if (!painting || crop.isWhole) return painting?.id ?? "";
  const wanted = { of: painting.id, part: JSON.stringify(crop.pixels) };
  if (wanted.of !== chosen.of || wanted.part !== chosen.part) chosen = { ...wanted, id: (await cut(painting, crop.pixels)).id };
  return chosen.id;
}

/** What the new style will make of the sample: the image everywhere, with every setting at its default. */
const paintDraft = guarded(async () => {
  const [style, { controls, method }, { presets }] = await Promise.all([part(), settings(), get("/v1/presets")]);
  await draft.paint($("preset-title").value.trim() || tr("My style"), {
    preset: presets[0].name, regions: await likeImage(style), controls: defaults(controls), method: defaults(method),
  }); // prettier-ignore
});

const draftSoon = debounced(paintDraft, 500);

const make = guarded(async () => {
  const name = $("preset-title").value.trim();
  const tags = $("preset-tags").value.split(",").map((/** @type {string} */ tag) => tag.trim()).filter(Boolean);
  $("make-preset").disabled = true;
  try {
    const preset = await createPreset({ title: name || tr("My style"), tags, images: [await part()] }, name);
    $("made").textContent = tr("“{}” is among the styles.", preset.title);
  } finally {
    $("make-preset").disabled = false;
  }
  $("new-preset").dispatchEvent(new Event("made"));
});

function changed() {
  showPart();
  draftSoon();
}

crop.addEventListener("change", changed);
$("crop-all").addEventListener("click", () => {
  crop.all();
  changed();
});
$("choose-painting").addEventListener("click", () => $("painting-file").click());
takesFiles($("painting-drop"), $("painting-file"), take);
$("new-preset").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  make();
});
