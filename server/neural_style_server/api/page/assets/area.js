// A part of the picture that is marked: drawn with hard edges, shown and sent with edges as soft as wanted.

import { post } from "./api.js";
import { h } from "./dom.js";
import { canvasOf, context, greyPicture, isEmpty, scaled, softened, tinted } from "./weights.js";

/** @typedef {[number, number]} Point shares of the picture's width and height */

const LONG_SIDE = 768; // edges are drawn by hand: more pixels would say nothing more

export class Area {
  softness = 0; // how far the edge fades to either side, as a share of the long side
  weight = 100; // percent
  sent = ""; // the id that the daemon has given it, until it changes
  size = { width: 0, height: 0 };
  /** @type {import("./weights.js").Weights|null} */
  known = null;
  waiting = false;

  /** @param {number[]} colour that shows it, red, green and blue */
  constructor(colour) {
    this.colour = colour;
    this.drawn = canvasOf({ width: 1, height: 1 });
    this.shown = h("canvas", { class: "area" });
  }

  /** @param {import("./weights.js").Size} size of the picture, on which nothing is marked */
  start(size) {
    const scale = Math.min(1, LONG_SIDE / Math.max(size.width, size.height));
    this.size = size;
    for (const canvas of [this.drawn, this.shown]) {
      canvas.width = Math.max(1, Math.round(size.width * scale));
      canvas.height = Math.max(1, Math.round(size.height * scale));
    }
    this.change();
  }

  clear() {
    this.start(this.size);
  }

  get longSide() {
    return Math.max(this.drawn.width, this.drawn.height);
  }

  /** @param {Point} from @param {Point} to @param {number} width as a share of the long side @param {boolean} erasing */
  stroke(from, to, width, erasing) {
    const pen = this.pen(erasing);
    pen.lineCap = pen.lineJoin = "round";
    pen.lineWidth = Math.max(1, width * this.longSide);
    this.path(pen, [from, to]);
    pen.stroke();
    this.change();
  }

  /** @param {Point[]} outline @param {boolean} erasing */
  fill(outline, erasing) {
    const pen = this.pen(erasing);
    this.path(pen, outline);
    pen.fill();
    this.change();
  }

  /** @param {boolean} erasing */
  pen(erasing) {
    const pen = context(this.drawn);
    pen.globalCompositeOperation = erasing ? "destination-out" : "source-over";
    return pen;
  }

  /** @param {CanvasRenderingContext2D} pen @param {Point[]} points */
  path(pen, points) {
    pen.beginPath();
    for (const [x, y] of points) pen.lineTo(x * this.drawn.width, y * this.drawn.height);
  }

  /** It has changed: it is shown anew with the next frame, and the daemon does not have it any more. */
  change() {
    this.sent = "";
    this.known = null;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      const [red, green, blue] = this.colour;
      context(this.shown).putImageData(tinted(this.weights, this.shown, (weight) => [red, green, blue, weight]), 0, 0);
    });
  }

  get weights() {
    this.known ??= softened(this.hard, this.drawn, this.softness * this.longSide);
    return this.known;
  }

  /** What is drawn, before its edges are made soft. @returns {import("./weights.js").Weights} */
  get hard() {
    const { width, height } = this.drawn;
    const { data } = context(this.drawn).getImageData(0, 0, width, height);
    const found = new Uint8Array(width * height);
    for (let at = 0; at < found.length; at++) found[at] = data[4 * at + 3];
    return found;
  }

  /** @param {import("./weights.js").Weights} hard what is to be drawn, and nothing else */
  redraw(hard) {
    context(this.drawn).putImageData(tinted(hard, this.drawn, (weight) => [0, 0, 0, weight]), 0, 0);
    this.change();
  }

  /** What of the style it gets. */
  get shares() {
    return scaled(this.weights, this.weight);
  }

  get isEmpty() {
    return !this.sent && isEmpty(this.shares);
  }

  /** @returns {Promise<string>} the id of its picture */
  async send() {
    if (this.sent) return this.sent;
    const { known } = this;
    const id = await sendWeights(this.shares, this.drawn, this.size);
    if (known === this.known) this.sent = id; // nothing was drawn meanwhile
    return id;
  }

  /** As the daemon has it. Where it is `weighted`, its brightest place says what it weighs. @param {string} id */
  async load(id, weighted = true) {
    this.sent = id;
    const answer = await fetch(`/v1/images/${id}?max=${LONG_SIDE}`, { headers: { Accept: "image/png" } });
    if (!answer.ok || this.sent !== id) return;
    const { width, height } = this.drawn;
    const pen = context(canvasOf(this.drawn));
    pen.drawImage(await createImageBitmap(await answer.blob()), 0, 0, width, height);
    const { data } = pen.getImageData(0, 0, width, height);
    let most = weighted ? 1 : 255;
    for (let at = 0; at < data.length; at += 4) most = Math.max(most, data[at]);
    const weights = new Uint8Array(width * height);
    for (let at = 0; at < weights.length; at++) weights[at] = Math.round((255 * data[4 * at]) / most);
    if (this.sent !== id) return;
    this.weight = Math.max(1, Math.round((100 * most) / 255));
    this.redraw(weights);
    this.sent = id;
  }
}

/**
 * @param {import("./weights.js").Weights} weights
 * @param {import("./weights.js").Size} size of the weights
 * @param {import("./weights.js").Size} wanted
 * @returns {Promise<string>} the id of their picture
 */
export async function sendWeights(weights, size, wanted) {
  return (await post("/v1/images", await greyPicture(weights, size, wanted))).id;
}
