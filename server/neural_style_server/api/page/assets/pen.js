// What a hand draws on the picture: a brush's strokes, or the outline of a lasso. Arrow keys lead it, too.

import { announce, h, svg } from "./dom.js";
import { tr } from "./words.js";

/** @typedef {import("./area.js").Point} Point */

const STEP = 0.02; // of the picture's sides, for each key
const LONG_STEP = 0.1;
const MOST_STEPS = 30; // that can be taken back
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Pen {
  /** @type {"brush"|"lasso"|""} */
  tool = "";
  erasing = false;
  width = 0.12; // of the brush, as a share of the picture's long side
  /** @type {import("./area.js").Area|null} */
  area = null;
  /** @type {Point[]} where it has been since it was put down */
  points = [];
  /** @type {Point} where the keys have led it */
  at = [0.5, 0.5];
  /** @type {{area: import("./area.js").Area, hard: import("./weights.js").Weights}[]} areas as they were before each change */
  past = [];

  constructor() {
    this.outline = svg("polyline", { class: "outline" });
    this.cross = h("div", { class: "cross", hidden: true });
    this.layer = h("div", { class: "pen" }, svg("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none" }, this.outline), this.cross);
  }

  get on() {
    return Boolean(this.tool && this.area);
  }

  /** @param {number} x @param {number} y shares of the picture's sides */
  begin(x, y) {
    this.remember();
    this.points = [[x, y]];
    this.cross.hidden = true;
    this.draw(x, y);
  }

  /** @param {number} x @param {number} y */
  draw(x, y) {
    const last = this.points.at(-1);
    if (!last) return;
    this.points.push([x, y]);
    if (this.tool === "brush") this.area?.stroke(last, [x, y], this.width, this.erasing);
    else this.outline.setAttribute("points", this.points.join(" "));
  }

  /** @returns {boolean} whether something was drawn just now */
  end() {
    const drew = this.points.length > 0;
    if (drew && this.tool === "lasso") this.area?.fill(this.points, this.erasing);
    this.points = [];
    this.lift();
    return drew;
  }

  /** What the brush has drawn so far stays; a lasso that is open has marked nothing. */
  lift() {
    if (this.points.length && this.tool === "lasso") this.past.pop();
    this.points = [];
    this.outline.removeAttribute("points");
  }

  /** The area is about to change: it can be had again as it is. */
  remember() {
    if (this.area) this.past.push({ area: this.area, hard: this.area.hard });
    this.past = this.past.slice(-MOST_STEPS);
  }

  /** Take the last change back. @returns {import("./area.js").Area|undefined} where it was */
  undo() {
    const last = this.past.pop();
    last?.area.redraw(last.hard);
    return last?.area;
  }

  /**
   * Arrows lead the pen, Space puts it down and lifts it.
   * @param {KeyboardEvent} event
   * @returns {"drawn"|"moved"|"away"|""} what came of it; nothing for a key that is not the pen's
   */
  onKey(event) {
    if (event.key === "Escape") {
      this.lift();
      this.cross.hidden = true;
      return "away";
    }
    if (event.key === " ") {
      if (this.points.length) return this.end() ? "drawn" : "";
      this.begin(...this.at);
      this.showCross();
      announce(tr("The pen is down."));
      return "moved";
    }
    const way = KEYS[/** @type {keyof KEYS} */ (event.key)];
    if (!way) return "";
    const step = event.shiftKey ? LONG_STEP : STEP;
    const [x, y] = this.at.map((share, side) => Math.min(1, Math.max(0, share + step * way[side])));
    this.at = [x, y];
    this.draw(x, y);
    this.showCross();
    return "moved";
  }

  showCross() {
    this.cross.hidden = false;
    this.cross.style.left = `${this.at[0] * 100}%`;
    this.cross.style.top = `${this.at[1] * 100}%`;
  }
}
