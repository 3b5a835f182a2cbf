// <ns-crop>: a picture and the part of it that is wanted: drawn, moved, or each edge led by keys. Fires "change".

import { h } from "./dom.js";
import { tr } from "./words.js";

const SMALLEST = 32; // pixels to a side of a style image
const NEAR = 14; // so close to an edge the pointer takes it
const STEP = 0.01;

/** @typedef {{left: number, top: number, right: number, bottom: number}} Edges shares of the picture's sides */
/** @typedef {keyof Edges} Edge */

const WHOLE = { left: 0, top: 0, right: 1, bottom: 1 };
/** @type {Record<Edge, string>} */
const NAMES = { left: tr("Left edge"), top: tr("Top edge"), right: tr("Right edge"), bottom: tr("Bottom edge") };

export class Crop extends HTMLElement {
  /** @type {Edges} */
  edges = { ...WHOLE };
  size = { width: 1, height: 1 };
  /** @type {((x: number, y: number) => void)|null} what a moving pointer does */
  dragging = null;
  former = ""; // where the edges were as it was put down

  connectedCallback() {
    if (this.image) return;
    this.image = h("img", { alt: tr("The painting"), draggable: "false" });
    this.handles = Object.fromEntries(Object.entries(NAMES).map(([edge, name]) => [edge, this.handle(/** @type {Edge} */ (edge), name)]));
    this.frame = h("div", { class: "frame" }, ...Object.values(this.handles));
    this.append(this.image, this.frame);
    this.hidden = true;
    this.addEventListener("pointerdown", (event) => this.onDown(event));
    this.addEventListener("pointermove", (event) => this.dragging?.(...this.at(event)));
    for (const end of ["pointerup", "pointercancel"]) {
      this.addEventListener(end, () => {
        if (this.dragging && this.former !== JSON.stringify(this.edges)) this.dispatchEvent(new Event("change"));
        this.dragging = null;
      });
    }
  }

  /** @param {Edge} edge @param {string} name */
  handle(edge, name) {
    const across = edge === "left" || edge === "right";
    const onkeydown = (/** @type {KeyboardEvent} */ event) => {
      const [less, more] = across ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
      const way = { [less]: -1, [more]: 1, PageUp: -10, PageDown: 10, Home: -100, End: 100 }[event.key];
      if (!way) return;
      event.preventDefault();
      this.put({ [edge]: this.edges[edge] + way * STEP });
      this.dispatchEvent(new Event("change"));
    };
    return h("div", {
      class: `edge ${edge}`, role: "slider", tabindex: 0, onkeydown, "aria-label": name,
      "aria-valuemin": 0, "aria-valuemax": 100, "aria-orientation": across ? "horizontal" : "vertical",
    }); // prettier-ignore
  }

  /** @param {import("./picture.js").Picture} picture */
  show({ url, width, height }) {
    this.size = { width, height };
    this.image.src = url;
    this.image.width = width;
    this.image.height = height;
    this.hidden = false;
    this.all();
  }

  all() {
    this.edges = { ...WHOLE };
    this.place();
  }

  /** Edges that are to be elsewhere: within the picture, and so far apart as a style image needs. @param {Partial<Edges>} wanted */
  put(wanted) {
    const now = { ...this.edges, ...wanted };
    const [x, y] = [SMALLEST / this.size.width, SMALLEST / this.size.height].map((share) => Math.min(1, share));
    if ("left" in wanted) now.left = Math.max(0, Math.min(now.left, now.right - x));
    if ("top" in wanted) now.top = Math.max(0, Math.min(now.top, now.bottom - y));
    now.right = Math.min(1, Math.max(now.right, now.left + x));
    now.bottom = Math.min(1, Math.max(now.bottom, now.top + y));
    this.edges = now;
    this.place();
  }

  place() {
    const { left, top, right, bottom } = this.edges;
    Object.assign(this.frame.style, {
      left: `${left * 100}%`, top: `${top * 100}%`, right: `${(1 - right) * 100}%`, bottom: `${(1 - bottom) * 100}%`,
    }); // prettier-ignore
    for (const [edge, handle] of Object.entries(this.handles ?? {})) {
      handle.setAttribute("aria-valuenow", String(Math.round(this.edges[/** @type {Edge} */ (edge)] * 100)));
    }
  }

  /** @param {PointerEvent} event */
  onDown(event) {
    if (event.button) return;
    event.preventDefault();
    this.setPointerCapture(event.pointerId);
    const [x, y] = this.at(event);
    const taken = this.near(x, y);
    const start = { ...this.edges };
    this.former = JSON.stringify(start);
    const inside = x > start.left && x < start.right && y > start.top && y < start.bottom;
    if (taken.length) {
      this.dragging = (x, y) => this.put(Object.fromEntries(taken.map((edge) => [edge, edge === "left" || edge === "right" ? x : y])));
    } else if (inside && !this.isWhole) this.dragging = (toX, toY) => this.shift(start, toX - x, toY - y);
    else this.dragging = (toX, toY) => this.draw(x, y, toX, toY);
  }

  /** Edges within reach of a place. @param {number} x @param {number} y @returns {Edge[]} */
  near(x, y) {
    if (this.isWhole) return [];
    const { width, height } = this.getBoundingClientRect();
    const { left, top, right, bottom } = this.edges;
    const [reachX, reachY] = [NEAR / width, NEAR / height];
    const beside = x > left - reachX && x < right + reachX && y > top - reachY && y < bottom + reachY;
    if (!beside) return [];
    /** @type {Edge[]} */
    const found = [];
    if (Math.min(Math.abs(x - left), Math.abs(x - right)) < reachX) found.push(Math.abs(x - left) < Math.abs(x - right) ? "left" : "right");
    if (Math.min(Math.abs(y - top), Math.abs(y - bottom)) < reachY) found.push(Math.abs(y - top) < Math.abs(y - bottom) ? "top" : "bottom");
    return found;
  }

  /** @param {Edges} start @param {number} dx @param {number} dy */
  shift({ left, top, right, bottom }, dx, dy) {
    const x = Math.min(1 - right, Math.max(-left, dx));
    const y = Math.min(1 - bottom, Math.max(-top, dy));
    this.edges = { left: left + x, top: top + y, right: right + x, bottom: bottom + y };
    this.place();
  }

  /** A new rectangle. @param {number} x @param {number} y @param {number} toX @param {number} toY */
  draw(x, y, toX, toY) {
    const [left, top] = [Math.min(x, toX), Math.min(y, toY)];
    if (Math.abs(toX - x) < STEP && Math.abs(toY - y) < STEP) return; // a click is no rectangle
    this.edges = { left, top, right: 1, bottom: 1 };
    this.put({ left, top, right: Math.max(x, toX), bottom: Math.max(y, toY) });
  }

  /** @param {PointerEvent} event @returns {[number, number]} shares of the picture's sides */
  at(event) {
    const { left, top, width, height } = this.getBoundingClientRect();
    const share = (/** @type {number} */ value) => Math.min(1, Math.max(0, value));
    return [share((event.clientX - left) / width), share((event.clientY - top) / height)];
  }

  get isWhole() {
    return Object.entries(WHOLE).every(([edge, share]) => this.edges[/** @type {Edge} */ (edge)] === share);
  }

  /** In whole pixels of the picture. */
  get pixels() {
    const { width, height } = this.size;
    const [x, y] = [Math.round(this.edges.left * width), Math.round(this.edges.top * height)];
    return { x, y, width: Math.round(this.edges.right * width) - x, height: Math.round(this.edges.bottom * height) - y };
  }
}

customElements.define("ns-crop", Crop);
