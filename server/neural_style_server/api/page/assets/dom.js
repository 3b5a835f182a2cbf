// What all views share: elements made without HTML from text, and figures as a painter reads them.

import { number, tr } from "./words.js";

/**
 * An element. Texts become text nodes, so nothing that a stranger wrote is ever taken for HTML.
 * @param {string} tag
 * @param {Record<string, any>} [attributes] names beginning with "on" are listeners, booleans are there or not
 * @param {...(Node|string|null|undefined)} children
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node|string|null)} children
 * @returns {any}
 */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/**
 * @param {Element} element
 * @param {Record<string, any>} attributes
 * @param {(Node|string|null|undefined)[]} children
 */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("aria-")) element.setAttribute(name, String(value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child != null).map((child) => /** @type {Node|string} */ (child)));
  return element;
}

/** @param {string} id @returns {any} */
export const $ = (id) => document.getElementById(id);

/** @param {() => void} action @param {number} ms */
export function debounced(action, ms) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(action, ms);
  };
}

/** @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 90) return tr("{} s", whole);
  const minutes = Math.round(whole / 60);
  return minutes < 90 ? tr("{} min", minutes) : tr("{} h {} min", Math.floor(minutes / 60), minutes % 60);
}

/** @param {number} bytes */
export const memory = (bytes) =>
  bytes >= 1e9 ? tr("{} GB", number(bytes / 1e9, 1)) : tr("{} MB", Math.max(1, Math.round(bytes / 1e6)));

/** Tells a screen reader. @param {string} text */
export function announce(text) {
  $("announcer").textContent = text;
}

/**
 * A files target: dropping on it, or choosing with its input, hands the first file on.
 * @param {HTMLElement} target
 * @param {HTMLInputElement} input
 * @param {(file: File) => void} take
 */
export function takesFiles(target, input, take) {
  target.addEventListener("dragover", (event) => {
    event.preventDefault();
    target.classList.add("over");
  });
  target.addEventListener("dragleave", () => target.classList.remove("over"));
  target.addEventListener("drop", (event) => {
    event.preventDefault();
    target.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (file) take(file);
  });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) take(file);
    input.value = "";
  });
}
