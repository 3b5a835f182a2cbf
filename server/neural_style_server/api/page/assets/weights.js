// How much of a style goes where: a weight from 0 to 255 for each pixel, and how the daemon takes it, as a grey picture.

import { tr } from "./words.js";

/** @typedef {Uint8Array<ArrayBuffer>} Weights */
/** @typedef {{width: number, height: number}} Size */

/** @param {Weights} weights */
export const isEmpty = (weights) => weights.every((weight) => weight === 0);

/** All weights times so many percent. @param {Weights} weights @param {number} percent @returns {Weights} */
export const scaled = (weights, percent) => weights.map((weight) => Math.round((weight * percent) / 100));

/** What areas of the same size leave of the picture: 255 less the largest of them. @param {Weights[]} all @returns {Weights} */
export const leftOver = ([first, ...others]) =>
  first.map((weight, at) => 255 - others.reduce((most, each) => Math.max(most, each[at]), weight));

/**
 * With edges that fade over so many pixels to either side: twice the mean of what is near, along rows and along columns.
 * Beyond its border the picture goes on as it ends.
 * @param {Weights} weights @param {Size} size @param {number} reach @returns {Weights}
 */
export function softened(weights, { width, height }, reach) {
  const radius = Math.round(reach / 2);
  if (radius < 1) return weights;
  let found = Float32Array.from(weights);
  for (let pass = 0; pass < 2; pass++) {
    found = means(found, { lines: height, stride: width, length: width, step: 1 }, radius);
    found = means(found, { lines: width, stride: 1, length: height, step: width }, radius);
  }
  return Uint8Array.from(found, Math.round);
}

/**
 * The mean of each value and its neighbours on its line.
 * @param {Float32Array<ArrayBuffer>} values
 * @param {{lines: number, stride: number, length: number, step: number}} layout
 * @param {number} radius
 */
function means(values, { lines, stride, length, step }, radius) {
  const found = new Float32Array(values.length);
  for (let line = 0; line < lines; line++) {
    const value = (/** @type {number} */ at) => values[line * stride + Math.min(length - 1, Math.max(0, at)) * step];
    let sum = 0;
    for (let at = -radius; at <= radius; at++) sum += value(at);
    for (let at = 0; at < length; at++) {
      found[line * stride + at * step] = sum / (2 * radius + 1);
      sum += value(at + radius + 1) - value(at - radius);
    }
  }
  return found;
}

/**
 * A grey PNG of another size.
 * @param {Weights} weights @param {Size} size of the weights @param {Size} wanted @returns {Promise<Blob>}
 */
export function greyPicture(weights, size, wanted) {
  const small = canvasOf(size);
  context(small).putImageData(tinted(weights, size, (weight) => [weight, weight, weight, 255]), 0, 0);
  const whole = canvasOf(wanted);
  context(whole).drawImage(small, 0, 0, wanted.width, wanted.height);
  return pngOf(whole);
}

/**
 * @param {Weights} weights @param {Size} size
 * @param {(weight: number) => [number, number, number, number]} colour
 */
export function tinted(weights, { width, height }, colour) {
  const image = new ImageData(width, height);
  const words = Array.from({ length: 256 }, (_, weight) => colour(weight));
  for (let at = 0; at < weights.length; at++) image.data.set(words[weights[at]], 4 * at);
  return image;
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
export const pngOf = (canvas) =>
  new Promise((resolve, refuse) => canvas.toBlob((blob) => (blob ? resolve(blob) : refuse(new Error(tr("This does not fit into memory.")))), "image/png"));

/** @param {Size} size */
export const canvasOf = ({ width, height }) => Object.assign(document.createElement("canvas"), { width, height });

/** @param {HTMLCanvasElement} canvas @returns {CanvasRenderingContext2D} */
export const context = (canvas) => /** @type {any} */ (canvas.getContext("2d", { willReadFrequently: true }));
