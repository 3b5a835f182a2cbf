// <ns-losses>: every term of the objective against iterations. Pointing at an iteration, or arrow keys, pick it.

import { h, svg } from "./dom.js";
import { tr } from "./words.js";

const TERMS = [
  ["total", tr("Total")],
  ["style", tr("Style")],
  ["content", tr("Content")],
  ["tv", tr("Variation")],
];
const SIZE = { width: 720, height: 260 };
const MARGIN = { left: 52, right: 12, top: 26, bottom: 28 };

export class Losses extends HTMLElement {
  /** @type {any[]} */
  entries = [];
  picked = -1;
  /** @type {((iteration: number) => void)|null} */
  onpick = null;

  connectedCallback() {
    if (this.plot) return;
    this.plot = svg("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, "aria-hidden": "true" });
    this.table = h("div", { class: "legend" });
    this.slider = h("input", {
      type: "range",
      min: 0,
      max: 0,
      "aria-label": tr("Iteration"),
      oninput: () => this.pick(Number(this.slider.value)),
    });
    this.append(h("h3", {}, tr("Losses")), this.plot, this.slider, this.table);
    this.plot.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
      const { left, width } = this.plot.getBoundingClientRect();
      const x = ((event.clientX - left) / width) * SIZE.width;
      const share = (x - MARGIN.left) / (SIZE.width - MARGIN.left - MARGIN.right);
      this.pick(Math.round(Math.min(1, Math.max(0, share)) * (this.entries.length - 1)));
    });
  }

  /** @param {any[]} entries as the API gives them */
  draw(entries) {
    if (entries.length === this.entries.length && this.entries.length) return;
    const following = this.picked < 0 || this.picked >= this.entries.length - 1;
    this.entries = entries;
    this.slider.max = String(Math.max(0, entries.length - 1));
    this.hidden = entries.length < 2;
    if (this.hidden) return;
    this.plot.replaceChildren(...this.grid(), ...TERMS.map(([term]) => this.curve(term)), this.marker());
    if (following) this.mark(entries.length - 1);
    else this.mark(this.picked);
  }

  /** @param {string} term @returns {number[]} */
  values(term) {
    return this.entries.map((entry) => entry[term]).filter((value) => value > 0);
  }

  /** @returns {[number, number]} powers of ten */
  bounds() {
    const all = TERMS.flatMap(([term]) => this.values(term)).map(Math.log10);
    const high = Math.max(...all);
    return [Math.max(Math.min(...all), high - 5), high];
  }

  /** @param {number} at */
  x(at) {
    return MARGIN.left + (at / Math.max(1, this.entries.length - 1)) * (SIZE.width - MARGIN.left - MARGIN.right);
  }

  /** @param {number} value */
  y(value) {
    const [low, high] = this.bounds();
    const share = (Math.log10(Math.max(value, 1e-30)) - low) / Math.max(1e-9, high - low);
    return SIZE.height - MARGIN.bottom - Math.max(0, share) * (SIZE.height - MARGIN.top - MARGIN.bottom);
  }

  grid() {
    const [low, high] = this.bounds();
    const lines = [];
    for (let power = Math.ceil(low); power <= high; power++) {
      const y = this.y(10 ** power);
      lines.push(
        svg("line", { class: "grid", x1: MARGIN.left, x2: SIZE.width - MARGIN.right, y1: y, y2: y }),
        svg("text", { class: "tick", x: MARGIN.left - 6, y: y + 4, "text-anchor": "end" }, power < -3 || power > 4 ? `1e${power}` : String(10 ** power)),
      );
    }
    this.entries.forEach((entry, at) => {
      if (at && entry.scale !== this.entries[at - 1].scale) {
        const x = this.x(at);
        lines.push(
          svg("line", { class: "scale", x1: x, x2: x, y1: MARGIN.top, y2: SIZE.height - MARGIN.bottom }),
          svg("text", { class: "tick", x, y: MARGIN.top - 8, "text-anchor": "middle" }, tr("scale {}", entry.scale + 1)),
        );
      }
    });
    const last = this.entries.length - 1;
    for (const at of [0, Math.round(last / 2), last]) {
      const anchor = at === 0 ? "start" : at === last ? "end" : "middle";
      lines.push(svg("text", { class: "tick", x: this.x(at), y: SIZE.height - 8, "text-anchor": anchor }, String(this.entries[at].iteration)));
    }
    return lines;
  }

  /** @param {string} term */
  curve(term) {
    const points = this.entries
      .map((entry, at) => (entry[term] > 0 ? `${this.x(at).toFixed(1)},${this.y(entry[term]).toFixed(1)}` : ""))
      .filter(Boolean);
    return svg("polyline", { class: `curve ${term}`, points: points.join(" ") });
  }

  marker() {
    return (this.line = svg("line", { class: "marker", y1: MARGIN.top, y2: SIZE.height - MARGIN.bottom }));
  }

  /** @param {number} at */
  pick(at) {
    if (!this.entries[at]) return;
    this.mark(at);
    this.onpick?.(this.entries[at].iteration);
  }

  /** @param {number} at */
  mark(at) {
    const entry = this.entries[at];
    this.picked = at;
    this.slider.value = String(at);
    this.slider.setAttribute("aria-valuetext", tr("iteration {}, total loss {}", entry.iteration, entry.total.toPrecision(3)));
    this.line.setAttribute("x1", this.x(at));
    this.line.setAttribute("x2", this.x(at));
    this.table.replaceChildren(
      h("span", {}, tr("Iteration {}", entry.iteration)),
      ...TERMS.map(([term, word]) => h("span", { class: `key ${term}` }, `${word} ${Number(entry[term]).toPrecision(3)}`)),
    );
  }
}

customElements.define("ns-losses", Losses);
