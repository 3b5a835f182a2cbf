// <ns-regions>: parts of the picture in styles of their own, and the part that is painted at all. Brush and lasso mark
// them. What no region marks is in the job's own style, and so is the rest of a region that weighs less than 100.

import { Area, sendWeights } from "./area.js";
import { $, announce, h } from "./dom.js";
import { isEmpty, leftOver } from "./weights.js";
import { title, tr } from "./words.js";

const WHITE = [255, 255, 255];
const COLOURS = [
  [235, 120, 0], [40, 130, 255], [50, 190, 90], [220, 70, 180], [245, 215, 40], [50, 205, 215], [225, 60, 60], [150, 95, 235],
]; // prettier-ignore
const NO_MASK = "0".repeat(64); // in the body of a forecast, which looks at no mask

/**
 * @typedef {object} Region
 * @property {Area} area
 * @property {any} row
 * @property {HTMLSelectElement} preset
 * @property {HTMLInputElement} weight
 * @property {Record<string, any>} more what else a job says of it: a part of the style image, what is blended
 */

export class Regions extends HTMLElement {
  painted = new Area(WHITE); // nothing marked: all of the picture
  /** @type {Region[]} */
  regions = [];
  chosen = this.painted;
  /** @type {Record<string, any>[]} */
  presets = [];
  left = { of: "", id: "" }; // what the regions leave, once the daemon has it

  /** @param {import("./viewer.js").Viewer} viewer */
  connect(viewer) {
    this.viewer = viewer;
    this.most = Number(this.dataset.most);
    viewer.areas.append(this.painted.shown);
    $("parts").append(this.row(this.painted, tr("Only this is painted")));
    this.choose(this.painted);
    for (const tool of ["brush", "lasso"]) {
      $(tool).addEventListener("click", (/** @type {MouseEvent} */ event) => {
        this.take(viewer.pen.tool === tool ? "" : tool);
        if (viewer.pen.tool && event.detail === 0) this.leadByKeys();
      });
    }
    $("erase").addEventListener("click", () => this.erase(!viewer.pen.erasing));
    $("add-region").addEventListener("click", () => {
      this.add();
      this.take(viewer.pen.tool || "brush");
      this.regions.at(-1)?.preset.focus();
      this.changed();
    });
    $("undo").addEventListener("click", () => this.undo());
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== "z") return;
      if (!viewer.offsetParent || isWrittenInto(event.target) || !viewer.pen.past.length) return;
      event.preventDefault();
      this.undo();
    });
    $("brush-clear").addEventListener("click", () => {
      viewer.pen.remember();
      this.chosen.clear();
      this.changed();
    });
    $("brush-width").addEventListener("input", () => {
      $("brush-value").textContent = `${$("brush-width").value} %`;
      viewer.pen.width = Number($("brush-width").value) / 100;
    });
    $("softness").addEventListener("input", () => {
      this.chosen.softness = Number($("softness").value) / 100;
      this.chosen.change();
      this.label();
    });
    viewer.addEventListener("drawn", () => {
      announce(tr("Marked."));
      this.changed();
    });
    viewer.addEventListener("away", () => {
      const { tool } = viewer.pen;
      this.take("");
      this.changed(); // what was drawn so far stays
      $(tool).focus();
    });
  }

  /** Another picture: nothing is marked on it. @param {number} width @param {number} height */
  start(width, height) {
    for (const { area, row } of this.regions) {
      area.shown.remove();
      row.remove();
    }
    this.regions = [];
    if (this.viewer) this.viewer.pen.past = [];
    this.painted.softness = 0;
    this.painted.start({ width, height });
    this.choose(this.painted);
    this.label();
  }

  /** @param {Record<string, any>[]} presets what a region can be painted in */
  offer(presets) {
    this.presets = presets;
    for (const { preset } of this.regions) this.fill(preset, preset.value);
  }

  /** @param {HTMLSelectElement} list @param {string} chosen */
  fill(list, chosen) {
    const gone = chosen && !this.presets.some(({ name }) => name === chosen); // the daemon says so, by its name
    const known = this.presets.map((preset) => h("option", { value: preset.name }, title(preset)));
    list.replaceChildren(...known, ...(gone ? [h("option", { value: chosen }, chosen)] : []));
    list.value = chosen;
  }

  /** @param {string} [preset] */
  add(preset = this.unused()) {
    const used = this.regions.map(({ area }) => area.colour);
    const area = new Area(COLOURS.find((colour) => !used.includes(colour)) ?? WHITE);
    const name = tr("Region {}", COLOURS.indexOf(area.colour) + 1);
    const list = h("select", { "aria-label": tr("Style of {}", name) });
    this.fill(list, preset);
    const weight = h("input", { type: "range", min: 1, max: 100, value: 100, "aria-label": tr("Weight of {}", name) });
    /** @type {Region} */
    const region = { area, preset: list, weight, row: this.row(area, name), more: {} };
    list.addEventListener("change", () => (region.more = {}));
    weight.addEventListener("input", () => {
      area.weight = Number(weight.value);
      area.change();
      this.label();
    });
    const remove = h("button", { type: "button", class: "small", "aria-label": tr("Remove {}", name), onclick: () => this.takeAway(region) }, "✕");
    region.row.append(remove, list, h("output", {}), weight);
    this.regions.push(region);
    area.start(this.painted.size);
    this.viewer?.areas.append(area.shown);
    $("parts").append(region.row);
    this.choose(area);
    this.label();
    return region;
  }

  /** A style that neither another region nor what they leave is painted in. */
  unused() {
    const used = [$("gallery").chosen, ...this.regions.map(({ preset }) => preset.value)];
    return this.presets.find(({ name }) => !used.includes(name))?.name ?? "";
  }

  /** @param {Region} region */
  takeAway(region) {
    region.row.remove();
    region.area.shown.remove();
    this.regions = this.regions.filter((each) => each !== region);
    if (this.viewer) this.viewer.pen.past = this.viewer.pen.past.filter(({ area }) => area !== region.area);
    this.choose(this.painted);
    $("add-region").focus();
    this.changed();
  }

  /** @param {Area} area @param {string} name */
  row(area, name) {
    const choice = h("input", { type: "radio", name: "part", onchange: () => this.choose(area) });
    const swatch = h("span", { class: "swatch" });
    swatch.style.background = `rgb(${area.colour})`;
    return h("div", { class: "part" }, h("label", {}, choice, swatch, name));
  }

  /** What brush and lasso mark from now on. @param {Area} area */
  choose(area) {
    this.lift();
    this.chosen = area;
    for (const each of this.areas) each.shown.classList.toggle("chosen", each === area);
    $("parts").querySelectorAll("[type=radio]")[this.areas.indexOf(area)].checked = true;
    $("softness").value = area.softness * 100;
    if (this.viewer) this.viewer.pen.area = area;
    this.label();
  }

  get areas() {
    return [this.painted, ...this.regions.map((each) => each.area)];
  }

  /** @param {string} tool or none */
  take(tool) {
    if (!this.viewer) return;
    this.lift();
    this.viewer.pen.tool = /** @type {"brush"|"lasso"|""} */ (tool);
    for (const each of ["brush", "lasso"]) $(each).setAttribute("aria-pressed", String(each === tool));
    this.viewer.classList.toggle("marking", Boolean(tool));
  }

  /** A pen that is down is not to go on elsewhere. */
  lift() {
    if (!this.viewer?.pen.points.length) return;
    this.viewer.pen.lift();
    this.changed();
  }

  undo() {
    this.lift();
    const area = this.viewer?.pen.undo();
    if (!area) return;
    this.choose(area);
    announce(tr("The last change was taken back."));
    this.changed();
  }

  /** @param {boolean} on */
  erase(on) {
    if (this.viewer) this.viewer.pen.erasing = on;
    $("erase").setAttribute("aria-pressed", String(on));
  }

  leadByKeys() {
    this.viewer?.stage.focus();
    announce(tr("Arrow keys lead the pen, Space puts it down and lifts it, Escape puts it away."));
  }

  changed() {
    this.label();
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  label() {
    $("softness-value").textContent = `${$("softness").value} %`;
    $("brush-clear").disabled = this.chosen.isEmpty;
    $("undo").disabled = !this.viewer?.pen.past.length;
    $("add-region").disabled = this.regions.length >= (this.most ?? 0) || !this.painted.size.width;
    for (const { area, row, weight } of this.regions) {
      weight.value = String(area.weight);
      row.querySelector("output").textContent = area.isEmpty ? tr("nothing marked yet") : tr("weight {} %", weight.value);
    }
  }

  /**
   * A job's body with what is marked; what the daemon does not have yet is sent.
   * @param {Record<string, any>} order @returns {Promise<Record<string, any>>}
   */
  async body(order) {
    const mask = this.painted.isEmpty ? {} : { mask: await this.painted.send() };
    const marked = this.regions.filter(({ area }) => !area.isEmpty);
    if (!marked.length) return { ...order, ...mask };
    const { blend, ...body } = order;
    const regions = [];
    for (const { area, preset, more } of marked) regions.push({ ...more, preset: preset.value, mask: await area.send() });
    const left = await this.rest(marked, regions.map((region) => region.mask).join());
    if (left) regions.push({ preset: order.preset, mask: left, ...(blend ? { blend } : {}) });
    else if (blend) throw new Error(tr("The regions leave nothing of the picture for the blended styles. Take those away."));
    return { ...body, ...mask, regions };
  }

  /** @param {Region[]} marked @param {string} of the ids of their pictures */
  async rest(marked, of) {
    if (this.left.of === of) return this.left.id;
    const weights = leftOver(marked.map(({ area }) => area.shares));
    const id = isEmpty(weights) ? "" : await sendWeights(weights, this.painted.drawn, this.painted.size);
    this.left = { of, id };
    return id;
  }

  /** The body of a forecast: regions count, where they are does not. @param {Record<string, any>} order */
  forecast({ blend, ...order }) {
    const marked = this.regions.filter(({ area }) => !area.isEmpty);
    if (!marked.length) return blend ? { ...order, blend } : order;
    const own = { preset: order.preset, mask: NO_MASK, ...(blend ? { blend } : {}) };
    return { ...order, regions: [own, ...marked.map(({ preset, more }) => ({ ...more, preset: preset.value, mask: NO_MASK }))] };
  }

  /** As they were when a job was asked for. @param {any} request */
  async restore({ mask, regions, preset }) {
    const { width, height } = this.painted.size;
    this.start(width, height);
    const last = leftBy(regions, preset);
    const marked = regions.filter((/** @type {any} */ each) => each !== last && each.preset).slice(0, this.most);
    this.left = { of: marked.map((/** @type {any} */ each) => each.mask).join(), id: last?.mask ?? "" };
    const loading = marked.map((/** @type {any} */ each) => {
      const region = this.add(each.preset);
      region.more = moreOf(each);
      return region.area.load(each.mask);
    });
    if (mask) loading.push(this.painted.load(mask, false));
    this.choose(this.painted);
    await Promise.all(loading);
    this.label();
  }
}

/** @param {EventTarget|null} target a text field has an undo of its own */
const isWrittenInto = (target) => target instanceof HTMLInputElement && !["range", "radio", "checkbox"].includes(target.type);

/** What a job blends: with its own style, where regions have theirs. @param {any} request */
export const blendOf = ({ blend, regions, preset }) => leftBy(regions, preset)?.blend ?? blend;

/** The last of several regions is what the others leave, where it is in the job's own style. @param {any[]} regions @param {string} preset */
const leftBy = (regions, preset) => (regions.length > 1 && regions.at(-1).preset === preset ? regions.at(-1) : null);

/** @param {any} region of a request @returns {Record<string, any>} */
const moreOf = ({ mask: _mask, preset: _preset, style: _style, ...more }) =>
  Object.fromEntries(Object.entries(more).filter(([, value]) => value && (!Array.isArray(value) || value.length)));

customElements.define("ns-regions", Regions);
