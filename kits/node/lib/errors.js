// The errors of the kit.
"use strict";

/** Kassa could not be found, started or reached, or its answer could not be read. */
class KassaError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = this.constructor.name;
  }
}

/** Kassa answered a call with an error. */
class KassaRefused extends KassaError {
  constructor(call, status, body) {
    const code = body?.error_code ?? "";
    const messages = body?.error_messages?.join(", ") ?? body;
    super(`${call}: ${status} ${code}: ${messages}`);
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

/** The journal or the inbox did not show the expected entries in time. */
class KassaTimedOut extends KassaError {}

module.exports = { KassaError, KassaRefused, KassaTimedOut };
