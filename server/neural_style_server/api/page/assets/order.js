// The choices beside style and sliders, as the form has them and as a job's body says them.

import { $, h } from "./dom.js";
import { title, tr } from "./words.js";

const QUICK_SIDE = 512; // what a picture is painted at unless asked for more

/** What a job's body says of them. @returns {Record<string, any>} */
export function choices() {
  /** @type {Record<string, any>} */
  const method = { quality: $("quality").value };
  if ($("start").value) method.start = $("start").value;
  if ($("iterations").value) method.iterations = Number($("iterations").value);
  /** @type {Record<string, any>} */
  const body = { method };
  if (Number($("size").value)) body.size = Number($("size").value);
  if ($("seed").value) body.seed = Number($("seed").value);
  const share = Number($("blend-share").value);
  if ($("blend-preset").value) body.blend = [{ preset: $("blend-preset").value, weight: share / (100 - share) }];
  const at = $("keep").value.split(/[\s,]+/).filter(Boolean).map(Number);
  body.frames = at.length ? { at, seconds: 1 } : { seconds: 1 };
  return body;
}

/** As they were when a job was asked for. @param {any} request */
export function restoreChoices(request) {
  const size = String(request.size ?? 0);
  if ([...$("size").options].some((option) => option.value === size && !option.disabled)) $("size").value = size;
  const { quality = "standard", start = "", iterations = "", seed = "" } = request.method ?? {};
  $("quality").value = quality;
  $("start").value = start;
  $("iterations").value = iterations;
  $("seed").value = request.seed ?? seed;
  $("keep").value = (request.frames?.at ?? []).join(", ");
  const other = request.blend?.[0];
  $("blend-preset").value = other?.preset ?? "";
  if (other) $("blend-share").value = Math.round((100 * other.weight) / (1 + other.weight));
  $("blend").open = Boolean(other);
  labelBlend();
}

/**
 * Sizes up to the picture's own. A `fresh` picture is painted at a quick one.
 * @param {number} width @param {number} height @param {boolean} fresh
 */
export function offerSizes(width, height, fresh) {
  const longSide = Math.max(width, height);
  const size = $("size");
  for (const option of size.options) {
    const full = option.value === "0";
    option.hidden = option.disabled = !full && Number(option.value) >= longSide;
    if (full) option.textContent = tr("Full, {} × {}", width, height);
  }
  if (fresh || size.selectedOptions[0]?.disabled) size.value = longSide > QUICK_SIDE ? String(QUICK_SIDE) : "0";
}

/** @param {import("./gallery.js").Preset[]} presets what can be the second style */
export function offerBlends(presets) {
  const list = $("blend-preset");
  const kept = list.value;
  list.replaceChildren(
    h("option", { value: "" }, tr("None")),
    ...presets.map((preset) => h("option", { value: preset.name }, title(preset))),
  );
  list.value = presets.some((preset) => preset.name === kept) ? kept : "";
  labelBlend();
}

export function labelBlend() {
  $("blend-value").textContent = `${$("blend-share").value} %`;
  $("blend-share").disabled = !$("blend-preset").value;
}
