// A merchant of a test, with the controls of the lab.
"use strict";

const { Api } = require("./api.js");
const { KassaTimedOut } = require("./errors.js");
const { PageSession } = require("./page-session.js");

/** The payment session that `createPageSession` creates. */
const SAMPLE_CART = Object.freeze({
  purchase_country: "SE", purchase_currency: "SEK", locale: "sv-SE", order_amount: 9999, order_tax_amount: 1870,
  order_lines: [{ name: "Running shoe", quantity: 1, unit_price: 9999, tax_rate: 2300,
                  total_amount: 9999, total_tax_amount: 1870 }],
});

const PATIENCE_SECONDS = 30;
const MAXIMUM_ENTRIES = 1000;

/** A merchant with its own data, clock, faults, journal and inbox. Give its credential to your shop. */
class Merchant {
  #api;

  constructor(url, made) {
    this.#api = new Api(url, made.username, made.password);
    this.url = url;
    this.merchantId = made.merchant_id;
    this.username = made.username;
    this.password = made.password;
    this.callbackSecret = made.callback_secret;
    this.labPage = `${url}/lab/of/${this.merchantId}`;
  }

  call(method, path, body) {
    return this.#api.call(method, path, body);
  }

  async createPageSession({ merchantUrls, cart = SAMPLE_CART } = {}) {
    const payment = await this.call("POST", "/payments/v1/sessions", cart);
    const created = await this.call("POST", "/hpp/v1/sessions", {
      payment_session_url: `${this.url}/payments/v1/sessions/${payment.session_id}`,
      merchant_urls: merchantUrls,
    });
    return new PageSession(this, created.session_id, created.redirect_url);
  }

  pageSession(sessionId) {
    return new PageSession(this, sessionId, undefined);
  }

  clock() {
    return this.call("GET", "/lab/v1/clock");
  }

  setClock({ now, frozen }) {
    return this.call("PUT", "/lab/v1/clock", { now, frozen });
  }

  async advanceClock(by) {
    return (await this.call("POST", "/lab/v1/clock/advance", { by })).fired;
  }

  async advanceClockTo(instant) {
    return (await this.call("POST", "/lab/v1/clock/advance", { to: instant })).fired;
  }

  injectFaults({ callbacks = [], calls = [], seed = 0 }) {
    return this.call("PUT", "/lab/v1/faults", { callbacks, calls, seed });
  }

  clearFaults() {
    return this.call("DELETE", "/lab/v1/faults");
  }

  async journal(filters = {}) {
    return (await this.#readJournal(filters)).entries;
  }

  async waitForJournal(count, filters = {}) {
    const wait = filters.wait ?? PATIENCE_SECONDS;
    const answer = await this.#readJournal({ ...filters, count, wait });
    if (answer.matching >= count) return answer.entries;
    throw new KassaTimedOut(`The journal has ${answer.matching} entries that match ${JSON.stringify(filters)}, and ` +
      `not ${count}, after ${wait} seconds.`);
  }

  async inbox() {
    return (await this.call("GET", "/lab/v1/inbox")).messages;
  }

  acceptOrder(orderId) {
    return this.call("POST", `/lab/v1/orders/${encodeURIComponent(orderId)}/accept`);
  }

  rejectOrder(orderId) {
    return this.call("POST", `/lab/v1/orders/${encodeURIComponent(orderId)}/reject`);
  }

  async approvePaymentSession(sessionId, email) {
    const path = `/lab/v1/payment-sessions/${encodeURIComponent(sessionId)}/approve`;
    return (await this.call("POST", path, { email })).authorization_token;
  }

  async declinePaymentSession(sessionId) {
    await this.call("POST", `/lab/v1/payment-sessions/${encodeURIComponent(sessionId)}/decline`, {});
  }

  delete() {
    return this.call("DELETE", `/lab/v1/merchants/${encodeURIComponent(this.merchantId)}`);
  }

  #readJournal(filters) {
    const given = Object.entries({ limit: MAXIMUM_ENTRIES, ...filters }).filter(([, value]) => value !== undefined);
    return this.call("GET", `/lab/v1/journal?${new URLSearchParams(given)}`);
  }
}

module.exports = { Merchant, SAMPLE_CART };
