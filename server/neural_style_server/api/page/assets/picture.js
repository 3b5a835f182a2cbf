// The picture that is to be painted: dropped, pasted, chosen, or the sample; sent to the daemon once.

import { post, Refusal } from "./api.js";
import { canvasOf, context, pngOf } from "./weights.js";
import { tr } from "./words.js";

const KINDS = ["image/png", "image/jpeg", "image/webp", "image/tiff"];

/**
 * @typedef {object} Picture
 * @property {string} id
 * @property {number} width
 * @property {number} height
 * @property {string} url to show it
 */

/** @param {Blob} file @returns {Promise<Picture>} */
export async function upload(file) {
  const name = file instanceof File ? file.name : tr("The picture");
  if (!KINDS.includes(file.type) || !file.size) {
    const what = file.size ? tr("{} is no PNG, JPEG, WebP or TIFF picture.", name) : tr("{} is a folder or an empty file.", name);
    throw Object.assign(new Error(what), { hint: tr("Choose another one.") });
  }
  return shown(await post("/v1/images", file));
}

/** @returns {Promise<Picture>} */
export async function sample() {
  const answer = await fetch("/assets/sample.jpg");
  return upload(await answer.blob());
}

/**
 * A picture that the daemon has, as the daemon has understood it: upright, and what a browser cannot show, too.
 * @param {{id: string, width: number, height: number}} image @returns {Picture}
 */
export const shown = ({ id, width, height }) => ({ id, width, height, url: `/v1/images/${id}?max=2400` });

/**
 * A part of a picture, as a picture of its own.
 * @param {Picture} picture @param {{x: number, y: number, width: number, height: number}} part @returns {Promise<Picture>}
 */
export async function cut({ id }, { x, y, width, height }) {
  const answer = await fetch(`/v1/images/${id}`, { headers: { Accept: "image/png" } });
  if (!answer.ok) throw new Refusal(await answer.json());
  const whole = await createImageBitmap(await answer.blob(), x, y, width, height);
  const canvas = canvasOf({ width, height });
  context(canvas).drawImage(whole, 0, 0);
  return upload(await pngOf(canvas));
}

/** @param {ClipboardEvent} event @returns {File|null} */
export const pasted = (event) =>
  [...(event.clipboardData?.files ?? [])].find((file) => file.type.startsWith("image/")) ?? null;
