// A small, quick painting of the sample, as it becomes. A newer one takes the place of the one before.

import { call, follow, post, Refusal } from "./api.js";
import { sendWeights } from "./area.js";
import { h } from "./dom.js";
import { sample } from "./picture.js";
import { showProblem } from "./problem.js";
import { tr } from "./words.js";

const SIDE = 256;

export class Draft {
  job = "";
  turn = 0;
  stop = () => {};

  /** @param {HTMLElement} box */
  constructor(box) {
    this.text = h("p", { role: "status" });
    this.image = h("img", { hidden: true });
    box.replaceChildren(this.text, this.image);
  }

  /** @param {string} title of the style @param {Record<string, any>} style what a job's body says of it */
  async paint(title, style) {
    const turn = ++this.turn;
    await this.forget();
    this.text.textContent = "";
    const content = await sample();
    const method = { ...style.method, quality: "draft" };
    const body = { ...style, method, content: content.id, size: SIDE, client: "page-draft", frames: { seconds: 1 } };
    const { id } = await post("/v1/jobs", body);
    if (turn !== this.turn) return void (await remove(id));
    this.job = id;
    this.image.alt = tr("A draft of {} on the sample", title);
    this.text.textContent = tr("A draft on the sample is being painted…");
    const show = async (/** @type {string} */ path) => {
      const image = new Image();
      image.src = `/v1/jobs/${id}/${path}`;
      const whole = await image.decode().then(() => true, () => false); // not where a newer draft has taken its place
      if (!whole || turn !== this.turn) return;
      this.image.src = image.src;
      this.image.hidden = false;
    };
    this.stop = follow(id, {
      frame: ({ number }) => show(`frames/${number}?max=600`),
      done: ({ state }) => {
        if (state !== "done") return void (this.text.textContent = "");
        show("result?max=600");
        this.text.textContent = tr("This is a draft on the sample.");
      },
      error: (/** @type {any} */ problem) => {
        this.text.textContent = "";
        showProblem(problem);
      },
    });
  }

  /** Its view was left: what is not painted yet is not wanted any more. */
  leave() {
    this.turn++;
    this.text.textContent = "";
    this.forget().catch(showProblem);
  }

  /** Its job; the picture stays until there is another. */
  async forget() {
    const { job } = this;
    this.job = "";
    this.stop();
    if (job) await remove(job);
  }
}

/** The regions of a job that paints all of the sample like one image. @param {string} style the image's id */
export async function likeImage(style) {
  return [{ mask: await sendWeights(new Uint8Array([255]), { width: 1, height: 1 }, await sample()), style }];
}

/** @param {string} job which may have been deleted elsewhere */
async function remove(job) {
  try {
    await call("DELETE", `/v1/jobs/${job}`);
  } catch (error) {
    if (!(error instanceof Refusal && error.status === 404)) throw error;
  }
}
