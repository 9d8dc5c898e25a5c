// Calls Kassa with a merchant's credential.
"use strict";

const { KassaError, KassaRefused } = require("./errors.js");

/** The longest wait of one call. Kassa itself waits for 60 seconds at most. */
const TIMEOUT_MS = 75_000;

class Api {
  #url;
  #authorization;

  constructor(url, username, password) {
    this.#url = url;
    this.#authorization = "Basic " + Buffer.from(`${username}:${password}`).toString("base64");
  }

  /** Makes a call, and returns the JSON of its answer, or `undefined` if the answer has no body. */
  async call(method, path, body) {
    const answer = await this.#fetch(method, path, body);
    const parsed = parse(await answer.text());
    if (!answer.ok) throw new KassaRefused(`${method} ${path}`, answer.status, parsed);
    return parsed;
  }

  async #fetch(method, path, body) {
    const headers = { authorization: this.#authorization, "content-type": "application/json" };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      return await fetch(this.#url + path, { method, headers, body: body && JSON.stringify(body), signal });
    } catch (error) {
      const reason = error.cause?.message ?? error.message;
      throw new KassaError(`${method} ${this.#url}${path}: no answer from Kassa: ${reason}`, { cause: error });
    }
  }
}

function parse(text) {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return text;
  }
}

module.exports = { Api };
