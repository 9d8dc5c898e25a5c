// Calls Kassa with a merchant's credential.
"use strict";

const { KassaError, KassaRefused } = require("./errors.js");

/** The longest wait of one call. Kassa itself waits for 60 seconds at most. */
const TIMEOUT_MS = 75_000;

/** An answer that is not JSON is shown in the error up to this length. */
const SHOWN_CHARACTERS = 200;

class Api {
  #url;
  #authorization;

  constructor(url, username, password) {
    this.#url = url;
    this.#authorization = "Basic " + Buffer.from(`${username}:${password}`).toString("base64");
  }

  /** Makes a call, and returns the JSON of its answer, or `undefined` if the answer has no body. */
  async call(method, path, body) {
    const { ok, status, text } = await this.#send(method, path, body);
    const parsed = parse(text);
    if (!ok) throw new KassaRefused(`${method} ${path}`, status, parsed ?? text);
    if (parsed !== undefined || !text) return parsed;
    throw new KassaError(`${method} ${path}: the answer is not JSON: ${text.slice(0, SHOWN_CHARACTERS)}`);
  }

  /** Returns the status and the whole text of the answer. `fetch` uses no proxy, unless NODE_USE_ENV_PROXY is set. */
  async #send(method, path, body) {
    const headers = { authorization: this.#authorization, "content-type": "application/json" };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const request = { method, headers, body: body && JSON.stringify(body), signal };
      const answer = await fetch(this.#url + path, request);
      return { ok: answer.ok, status: answer.status, text: await answer.text() };
    } catch (error) {
      const reason = error.cause?.message ?? error.message;
      throw new KassaError(`${method} ${this.#url}${path}: no complete answer from Kassa: ${reason}`, { cause: error });
    }
  }
}

/** Returns `undefined` if the text is not JSON. */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

module.exports = { Api };
