// All styles on one's own picture: a small draft of each takes the place of its picture in the gallery.

import { call, get, post } from "./api.js";
import { announce } from "./dom.js";
import { guarded, showProblem } from "./problem.js";
import { tr } from "./words.js";

const EVERY_MS = 1500;
const SIDE = 192;
const IDLE = tr("Try all on my picture");

export class TryOut {
  sheet = "";
  running = false;
  content = "";

  /** @param {import("./gallery.js").Gallery} gallery @param {HTMLButtonElement} button */
  constructor(gallery, button) {
    this.gallery = gallery;
    this.button = button;
    button.addEventListener("click", guarded(() => (this.running ? this.stop() : this.start())));
  }

  /** Another picture: drafts of the former one are forgotten. @param {string} content */
  use(content) {
    if (content === this.content) return;
    this.content = content;
    this.button.disabled = false;
    this.end();
    this.forget().catch(showProblem);
    this.gallery.showDrafts(new Map());
  }

  async start() {
    await this.forget();
    const sheet = await post("/v1/sheets", { content: this.content, size: SIDE });
    this.sheet = sheet.id;
    this.running = true;
    await this.look();
  }

  async stop() {
    this.end();
    await post(`/v1/sheets/${this.sheet}/cancel`);
  }

  end() {
    this.running = false;
    this.button.textContent = IDLE;
  }

  async forget() {
    const { sheet } = this;
    this.sheet = "";
    if (sheet) await call("DELETE", `/v1/sheets/${sheet}`);
  }

  async look() {
    const { sheet } = this;
    const found = await get(`/v1/sheets/${sheet}`);
    if (!this.running || sheet !== this.sheet) return;
    const done = found.pictures.filter((/** @type {any} */ picture) => picture.state === "done");
    this.gallery.showDrafts(
      new Map(done.map((/** @type {any} */ picture) => [picture.preset, `/v1/jobs/${picture.job}/result?max=${SIDE}`])),
    );
    if (["queued", "running"].includes(found.state)) {
      this.button.textContent = `${tr("{} of {} drafts", found.done, found.total)} · ${tr("Stop")}`;
      setTimeout(() => this.look().catch(showProblem), EVERY_MS);
    } else {
      this.end();
      announce(tr("The drafts of all styles are there."));
    }
  }
}
