// The daemon's API, with the session's cookie and its CSRF token.

import { tr } from "./words.js";

/** What the daemon refuses, in words for people. */
export class Refusal extends Error {
  /** @param {{status: number, code: string, detail: string, hint: string}} problem */
  constructor(problem) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.hint = problem.hint;
  }
}

/** No answer, or none for this page any more: the line at the top says so. */
export class Unreachable extends Error {}

const meta = /** @type {HTMLMetaElement} */ (document.querySelector('meta[name="csrf-token"]'));

/**
 * @param {string} method
 * @param {string} path
 * @param {object|Blob|null} [body] a Blob is sent as it is, anything else as JSON
 * @returns {Promise<any>}
 */
export async function call(method, path, body = null) {
  let answer = await send(method, path, body);
  if (answer.status === 403 && (await answer.clone().json()).code === "wrong_csrf_token") {
    // Another tab was opened with a new code, and this browser has that one's session.
    meta.content = (await (await send("GET", "/v1/page/session", null)).json()).csrf_token;
    answer = await send(method, path, body);
  }
  if (answer.status === 401) {
    window.dispatchEvent(new Event("locked"));
    throw new Unreachable(tr("The session is over."));
  }
  if (answer.status === 204) return null;
  const found = await answer.json();
  if (!answer.ok) throw new Refusal(found);
  return found;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object|Blob|null} body
 */
async function send(method, path, body) {
  /** @type {Record<string, string>} */
  const headers = method === "GET" ? {} : { "X-CSRF-Token": meta.content };
  if (body instanceof Blob) headers["Content-Type"] = body.type;
  else if (body) headers["Content-Type"] = "application/json";
  try {
    return await fetch(path, {
      method,
      headers,
      body: body === null || body instanceof Blob ? body : JSON.stringify(body),
      redirect: "error",
    });
  } catch {
    throw new Unreachable(tr("The daemon does not answer."));
  }
}

export const get = (/** @type {string} */ path) => call("GET", path);
export const post = (/** @type {string} */ path, /** @type {object|Blob|null} */ body = null) =>
  call("POST", path, body);

/**
 * Follows a job until it has ended. The browser itself connects again and goes on where it left off.
 * @param {string} id
 * @param {Record<string, (data: any) => void>} listeners by the events' names, and "broken" for a lost connection
 * @returns {() => void} to stop
 */
export function follow(id, listeners) {
  const source = new EventSource(`/v1/jobs/${id}/events`);
  for (const name of ["state", "progress", "frame", "done"]) {
    source.addEventListener(name, (event) => {
      if (name === "done") source.close();
      listeners[name]?.(JSON.parse(/** @type {MessageEvent} */ (event).data));
    });
  }
  source.addEventListener("error", (event) => {
    const text = /** @type {MessageEvent} */ (event).data;
    if (text) {
      source.close();
      listeners.error?.(JSON.parse(text));
    } else listeners.broken?.(null);
  });
  return () => source.close();
}
