// <ns-gallery>: all styles as pictures to choose from. Fires "choose".

import { h } from "./dom.js";
import { description, language, title, tr } from "./words.js";

/** @typedef {Record<string, any>} Preset */

const FIXED = [
  ["*all", tr("All styles")],
  ["*favourites", tr("Favourites")],
  ["*recent", tr("Recent")],
  ["*mine", tr("My own")],
];

export class Gallery extends HTMLElement {
  /** @type {Preset[]} */
  presets = [];
  chosen = "";
  /** @type {Map<string, string>} by the style's name, what is shown in place of its own picture */
  drafts = new Map();

  connectedCallback() {
    if (this.thumbs) return;
    this.thumbs = /** @type {HTMLElement} */ (this.querySelector('[role="radiogroup"]'));
    this.search = /** @type {HTMLInputElement} */ (this.querySelector('input[type="search"]'));
    this.narrow = /** @type {HTMLSelectElement} */ (this.querySelector("select"));
    this.search.addEventListener("input", () => this.draw());
    this.narrow.addEventListener("change", () => this.draw());
    this.thumbs.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** @param {Preset[]} presets */
  fill(presets) {
    this.presets = presets;
    const tags = [...new Set(presets.flatMap((preset) => preset.tags))].sort();
    const kept = this.narrow?.value;
    this.narrow?.replaceChildren(
      ...[...FIXED, ...tags.map((tag) => [tag, tr(tag)])].map(([value, text]) => h("option", { value }, text)),
    );
    if (kept && this.narrow) this.narrow.value = kept;
    this.draw();
  }

  /** @returns {Preset|undefined} */
  get preset() {
    return this.presets.find((preset) => preset.name === this.chosen);
  }

  /** @param {string} name @param {boolean} [focus] */
  choose(name, focus = false) {
    this.chosen = name;
    for (const button of this.thumbs?.children ?? []) {
      const is = /** @type {HTMLElement} */ (button).dataset.name === name;
      button.setAttribute("aria-checked", String(is));
      /** @type {HTMLElement} */ (button).tabIndex = is ? 0 : -1;
      if (is && focus) /** @type {HTMLElement} */ (button).focus();
      if (is) button.scrollIntoView({ block: "nearest" });
    }
    this.dispatchEvent(new Event("choose"));
  }

  /** @param {Map<string, string>} drafts */
  showDrafts(drafts) {
    this.drafts = drafts;
    for (const button of this.querySelectorAll('[role="radio"]')) {
      const name = /** @type {HTMLElement} */ (button).dataset.name ?? "";
      const preset = this.presets.find((each) => each.name === name);
      const url = drafts.get(name) ?? preset?.thumbnail;
      const image = button.querySelector("img");
      if (url && image?.getAttribute("src") !== url) image?.setAttribute("src", url);
    }
  }

  draw() {
    const shown = this.presets.filter((preset) => this.suits(preset)).sort(this.order());
    this.thumbs?.replaceChildren(
      ...shown.map((preset) =>
        h(
          "button",
          {
            type: "button",
            role: "radio",
            "data-name": preset.name,
            "aria-checked": preset.name === this.chosen,
            tabindex: -1,
            onclick: () => this.choose(preset.name),
          },
          h("img", { src: this.drafts.get(preset.name) ?? preset.thumbnail, alt: "", loading: "lazy", decoding: "async", width: 96, height: 96 }),
          h("span", {}, title(preset)),
          preset.favourite ? h("span", { class: "star", title: tr("Favourite") }, "★") : null,
        ),
      ),
    );
    const first = this.thumbs?.querySelector('[aria-checked="true"]') ?? this.thumbs?.firstElementChild;
    if (first) /** @type {HTMLElement} */ (first).tabIndex = 0;
    else this.thumbs?.append(h("p", { class: "quiet" }, tr("No style matches.")));
  }

  /** @param {Preset} preset */
  suits(preset) {
    const narrowed = this.narrow?.value || "*all";
    const words = (this.search?.value ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const text = [preset.name, preset.title, preset.description, ...preset.tags, title(preset), description(preset), ...preset.tags.map((/** @type {string} */ tag) => tr(tag))].join(" ").toLowerCase();
    const within = {
      "*all": true,
      "*favourites": preset.favourite,
      "*recent": preset.last_used !== null,
      "*mine": !preset.read_only,
    }[narrowed] ?? preset.tags.includes(narrowed);
    return within && words.every((word) => text.includes(word));
  }

  /** @returns {(a: Preset, b: Preset) => number} */
  order() {
    if (this.narrow?.value === "*recent") return (a, b) => b.last_used - a.last_used;
    return (a, b) => b.favourite - a.favourite || title(a).localeCompare(title(b), language);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const all = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('[role="radio"]')]);
    if (!step || !all.length) return;
    event.preventDefault();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    this.choose(all[(at + step + all.length) % all.length].dataset.name ?? "", true);
  }
}

customElements.define("ns-gallery", Gallery);
