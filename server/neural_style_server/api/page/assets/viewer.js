// <ns-viewer>: the picture, before and after. Zoom, pan, a divider between the two, and a pen to mark parts of it.

import { h } from "./dom.js";
import { Pen } from "./pen.js";
import { tr } from "./words.js";

const LARGEST_ZOOM = 16;
const STEP = 1.25;
const MOVE = 40;

export class Viewer extends HTMLElement {
  width = 0;
  height = 0;
  zoom = 1;
  x = 0;
  y = 0;
  fitted = true;
  comparing = false;
  split = 0.5;
  asked = 0; // each call of `paint` has a number; what is older than `painted` is not shown
  painted = 0;
  /** @type {Map<number, {x: number, y: number}>} */
  pointers = new Map();
  pen = new Pen();

  connectedCallback() {
    if (this.sheet) return;
    this.original = h("img", { class: "before", alt: tr("The picture before"), draggable: "false" });
    this.painting = h("img", { class: "after", alt: tr("The painting so far"), draggable: "false", hidden: true });
    this.areas = h("div", {}); // what is marked, one above the other
    this.sheet = h("div", { class: "sheet" }, this.original, this.painting, this.areas, this.pen.layer);
    this.divider = h("div", {
      class: "divider",
      role: "slider",
      tabindex: 0,
      "aria-label": tr("Divider between before and after"),
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      hidden: true,
    });
    this.stage = h(
      "div",
      { class: "stage", tabindex: 0, role: "group", "aria-label": tr("Picture. Plus and minus zoom, arrows move it.") },
      this.sheet,
      this.divider,
    );
    this.compareButton = this.button(tr("Compare"), tr("Compare before and after"), () => this.compare(!this.comparing));
    this.compareButton.setAttribute("aria-pressed", "false");
    this.level = h("span", { class: "level", "aria-live": "polite" });
    this.tools = h(
      "div",
      { class: "tools", role: "toolbar", "aria-label": tr("View"), hidden: true },
      this.compareButton,
      this.button("−", tr("Zoom out"), () => this.zoomBy(1 / STEP)),
      this.level,
      this.button("+", tr("Zoom in"), () => this.zoomBy(STEP)),
      this.button(tr("Fit"), tr("Fit into the window"), () => this.fit()),
      this.button("100 %", tr("One pixel of the picture for each of the screen"), () => this.actual()),
    );
    this.prepend(this.stage);
    this.append(this.tools);
    this.listen();
    new ResizeObserver(() => (this.fitted ? this.fit() : this.place())).observe(this.stage);
  }

  /** @param {string} text @param {string} label @param {() => void} action */
  button(text, label, action) {
    return h("button", { type: "button", "aria-label": label, title: label, onclick: action }, text);
  }

  /**
   * Another picture; nothing of the former one stays.
   * @param {string} url @param {number} width @param {number} height
   */
  show(url, width, height) {
    this.width = width;
    this.height = height;
    this.original.src = url;
    this.forget();
    this.tools.hidden = false;
    this.classList.add("filled");
    this.fit();
  }

  /**
   * What the painting has become; it appears when it is whole. A later call overtakes an earlier one.
   * @param {string} url
   */
  async paint(url) {
    const turn = ++this.asked;
    const answer = await fetch(url, { headers: { Accept: "image/png" } }).catch(() => null);
    if (!answer?.ok || turn < this.painted) return; // an early frame may have made room for later ones
    const kept = URL.createObjectURL(await answer.blob()); // a result that was extended has the same address again
    const image = new Image();
    image.src = kept;
    const whole = await image.decode().then(() => true, () => false);
    if (!whole || turn < this.painted) {
      URL.revokeObjectURL(kept);
      return;
    }
    this.painted = turn;
    URL.revokeObjectURL(this.painting.src);
    this.painting.src = kept;
    this.painting.hidden = false;
    this.compareButton.disabled = false;
    this.place();
  }

  clear() {
    this.width = 0;
    this.classList.remove("filled");
    this.tools.hidden = true;
    this.original.removeAttribute("src");
    this.forget();
  }

  /** The painting; the picture stays. */
  forget() {
    this.compare(false);
    this.compareButton.disabled = true;
    this.painted = ++this.asked;
    URL.revokeObjectURL(this.painting.src);
    this.painting.removeAttribute("src");
    this.painting.hidden = true;
  }

  /** @param {boolean} on */
  compare(on) {
    this.comparing = on;
    this.compareButton.setAttribute("aria-pressed", String(on));
    this.place();
  }

  fit() {
    this.fitted = true;
    const { clientWidth, clientHeight } = this.stage;
    if (!this.width || !clientWidth) return;
    const room = Math.min(clientWidth / this.width, clientHeight / this.height);
    this.zoom = Math.min(room, Math.max(1, 1 / devicePixelRatio) * 2);
    this.x = (clientWidth - this.width * this.zoom) / 2;
    this.y = (clientHeight - this.height * this.zoom) / 2;
    this.place();
  }

  actual() {
    this.zoomBy(1 / devicePixelRatio / this.zoom);
  }

  /** @param {number} factor @param {number} [x] @param {number} [y] the point of the stage that stays where it is */
  zoomBy(factor, x = this.stage.clientWidth / 2, y = this.stage.clientHeight / 2) {
    const zoom = Math.min(LARGEST_ZOOM, Math.max(16 / Math.max(this.width, this.height), this.zoom * factor));
    this.x = x - ((x - this.x) * zoom) / this.zoom;
    this.y = y - ((y - this.y) * zoom) / this.zoom;
    this.zoom = zoom;
    this.fitted = false;
    this.place();
  }

  /** @param {number} dx @param {number} dy */
  move(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.fitted = false;
    this.place();
  }

  place() {
    if (!this.width) {
      this.divider.hidden = true;
      return;
    }
    const width = this.width * this.zoom;
    const height = this.height * this.zoom;
    const { clientWidth, clientHeight } = this.stage;
    const margin = 48; // so much of the picture stays in view
    this.x = Math.min(clientWidth - margin, Math.max(margin - width, this.x));
    this.y = Math.min(clientHeight - margin, Math.max(margin - height, this.y));
    const style = this.sheet.style;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.transform = `translate(${this.x}px, ${this.y}px)`;
    this.sheet.classList.toggle("pixels", this.zoom * devicePixelRatio >= 3);
    this.level.textContent = `${Math.round(this.zoom * devicePixelRatio * 100)} %`;
    const split = this.comparing && !this.painting.hidden;
    this.divider.hidden = !split;
    this.painting.style.clipPath = split ? `inset(0 0 0 ${this.split * 100}%)` : "none";
    this.divider.style.left = `${this.x + width * this.split}px`;
    this.divider.style.top = `${Math.max(0, this.y)}px`;
    this.divider.style.height = `${Math.min(clientHeight, this.y + height) - Math.max(0, this.y)}px`;
    this.divider.setAttribute("aria-valuenow", String(Math.round(this.split * 100)));
  }

  /** @param {number} split */
  divide(split) {
    this.split = Math.min(1, Math.max(0, split));
    this.place();
  }

  listen() {
    const { stage, divider } = this;
    stage.addEventListener(
      "wheel",
      (/** @type {WheelEvent} */ event) => {
        if (!this.width) return;
        event.preventDefault();
        const { x, y } = this.within(event);
        this.zoomBy(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), x, y);
      },
      { passive: false },
    );
    stage.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.onDown(event));
    stage.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.onMove(event));
    for (const end of ["pointerup", "pointercancel"]) {
      stage.addEventListener(end, (/** @type {PointerEvent} */ event) => {
        this.pointers.delete(event.pointerId);
        this.sliding = false;
        stage.classList.remove("grabbing");
        if (this.pen.end()) this.dispatchEvent(new Event("drawn"));
      });
    }
    stage.addEventListener("dblclick", () => (this.fitted ? this.actual() : this.fit()));
    stage.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event));
    divider.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const step = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      this.divide(this.split + step);
    });
  }

  /** @param {MouseEvent} event where it is on the stage */
  within(event) {
    const { left, top } = this.stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  /** @param {PointerEvent} event */
  onDown(event) {
    if (!this.width || event.button) return;
    this.stage.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.within(event));
    this.sliding = event.target === this.divider;
    if (this.pen.on && !this.sliding) this.pen.begin(...this.onSheet(event));
    else this.stage.classList.add("grabbing");
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const now = this.within(event);
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    if (this.sliding) this.divide((now.x - this.x) / (this.width * this.zoom));
    else if (this.pen.on) this.pen.draw(...this.onSheet(event));
    else if (others.length) {
      const [other] = others;
      const distance = (/** @type {{x: number, y: number}} */ p) => Math.hypot(p.x - other.x, p.y - other.y);
      this.zoomBy(distance(now) / Math.max(1, distance(last)), other.x, other.y);
    } else this.move(now.x - last.x, now.y - last.y);
    this.pointers.set(event.pointerId, now);
  }

  /** @param {MouseEvent} event @returns {[number, number]} shares of the picture's width and height */
  onSheet(event) {
    const { x, y } = this.within(event);
    return [(x - this.x) / (this.width * this.zoom), (y - this.y) / (this.height * this.zoom)];
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (!this.width || event.ctrlKey || event.metaKey || event.altKey) return;
    const drawing = this.pen.on && this.pen.onKey(event);
    if (drawing) {
      event.preventDefault();
      if (drawing !== "moved") this.dispatchEvent(new Event(drawing));
      return;
    }
    /** @type {Record<string, () => void>} */
    const actions = {
      "+": () => this.zoomBy(STEP),
      "=": () => this.zoomBy(STEP),
      "-": () => this.zoomBy(1 / STEP),
      0: () => this.fit(),
      1: () => this.actual(),
      c: () => this.compareButton.disabled || this.compare(!this.comparing),
      ArrowLeft: () => this.move(MOVE, 0),
      ArrowRight: () => this.move(-MOVE, 0),
      ArrowUp: () => this.move(0, MOVE),
      ArrowDown: () => this.move(0, -MOVE),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }
}

customElements.define("ns-viewer", Viewer);
