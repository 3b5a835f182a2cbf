// Frames side by side: up to four, chosen from all that are kept, or by an iteration that was picked in the curves.

import { h } from "./dom.js";
import { ntr, tr } from "./words.js";

const MOST = 4;

/**
 * @param {any} box
 * @param {any} job
 * @param {number} [picked] an iteration: the frame that is nearest to it takes the last place
 */
export function drawFrames(box, job, picked) {
  const frames = job.frames;
  const known = frames.map((/** @type {any} */ frame) => frame.number);
  /** @type {number[]} */
  let chosen = (box.chosen ?? []).filter((/** @type {number} */ number) => known.includes(number));
  if (!box.touched) chosen = usual(known);
  if (picked !== undefined && frames.length) {
    const nearest = frames.reduce((/** @type {any} */ a, /** @type {any} */ b) =>
      Math.abs(b.iteration - picked) < Math.abs(a.iteration - picked) ? b : a,
    ).number;
    if (!chosen.includes(nearest)) chosen = [...chosen.slice(0, MOST - 1), nearest];
    box.touched = true;
  }
  const state = JSON.stringify([job.id, known, chosen]);
  if (state === box.state) return;
  box.state = state;
  box.chosen = chosen;
  box.hidden = !frames.length;
  const toggle = (/** @type {number} */ number) => {
    box.touched = true;
    box.chosen = chosen.includes(number) ? chosen.filter((each) => each !== number) : [...chosen.slice(1 - MOST), number];
    drawFrames(box, job);
    box.querySelector(`[data-number="${number}"]`)?.focus();
  };
  box.replaceChildren(
    h("h3", {}, tr("Frames")),
    h("div", { class: "strip", role: "group", "aria-label": tr("Iterations to show") },
      ...frames.map((/** @type {any} */ frame) =>
        h("button", {
          type: "button", class: "small", "data-number": frame.number,
          "aria-pressed": chosen.includes(frame.number), onclick: () => toggle(frame.number),
        }, String(frame.iteration)))),
    h("div", { class: "side-by-side" },
      ...frames.filter((/** @type {any} */ frame) => chosen.includes(frame.number)).map((/** @type {any} */ frame) =>
        h("figure", {},
          h("img", { src: `/v1/jobs/${job.id}/frames/${frame.number}?max=800`, alt: ntr("The picture after {} iteration", "The picture after {} iterations", frame.iteration),
            width: job.width, height: job.height, decoding: "async" }),
          h("figcaption", {}, ntr("{} iteration", "{} iterations", frame.iteration))))),
  );
}

/** First, last and two between. @param {number[]} numbers */
function usual(numbers) {
  const last = numbers.length - 1;
  return [...new Set([0, last / 3, (2 * last) / 3, last].map((at) => numbers[Math.round(at)]))].filter((each) => each !== undefined);
}
