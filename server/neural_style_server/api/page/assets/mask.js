// Where the style goes: brushed on the picture, sent as a picture in black and white.

const LONG_SIDE = 768; // a brush is soft: more pixels would say nothing more

export class Mask {
  on = false;
  width = 0.12; // of the brush, as a share of the picture's long side
  drawn = false;
  /** @type {[number, number]|null} */
  last = null;
  size = { width: 0, height: 0 };

  constructor() {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "mask";
    this.canvas.setAttribute("aria-hidden", "true");
  }

  /** @param {number} width @param {number} height of the picture */
  start(width, height) {
    const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
    this.size = { width, height };
    this.canvas.width = Math.max(1, Math.round(width * scale));
    this.canvas.height = Math.max(1, Math.round(height * scale));
    this.drawn = false;
  }

  clear() {
    this.start(this.size.width, this.size.height);
  }

  /** @param {number} x @param {number} y shares of the picture's sides */
  begin(x, y) {
    this.last = [x, y];
    this.draw(x, y);
  }

  /** @param {number} x @param {number} y */
  draw(x, y) {
    const pen = this.canvas.getContext("2d");
    if (!this.last || !pen) return;
    const { width, height } = this.canvas;
    pen.lineCap = pen.lineJoin = "round";
    pen.lineWidth = Math.max(1, this.width * Math.max(width, height));
    pen.strokeStyle = "#fff";
    pen.beginPath();
    pen.moveTo(this.last[0] * width, this.last[1] * height);
    pen.lineTo(x * width, y * height);
    pen.stroke();
    this.last = [x, y];
    this.drawn = true;
  }

  /** @returns {boolean} whether something was drawn just now */
  end() {
    const drew = this.last !== null;
    this.last = null;
    return drew;
  }

  /** @returns {Promise<Blob|null>} a PNG of the picture's size, or nothing where all of it is painted */
  async picture() {
    if (!this.drawn) return null;
    const whole = document.createElement("canvas");
    Object.assign(whole, this.size);
    const pen = whole.getContext("2d");
    if (!pen) return null;
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, whole.width, whole.height);
    pen.drawImage(this.canvas, 0, 0, whole.width, whole.height);
    return new Promise((resolve) => whole.toBlob(resolve, "image/png"));
  }
}
