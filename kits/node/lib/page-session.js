// A page session, with the actions of its consumer.
"use strict";

class PageSession {
  #merchant;

  constructor(merchant, id, redirectUrl) {
    this.#merchant = merchant;
    this.id = id;
    this.redirectUrl = redirectUrl;
    this.labPage = `${merchant.labPage}/sessions/${id}`;
  }

  enter() {
    return this.act("enter");
  }

  approve(email) {
    return this.act("approve", { email });
  }

  decline(reason) {
    return this.act("decline", { reason });
  }

  error(reason) {
    return this.act("error", { reason });
  }

  back() {
    return this.act("back");
  }

  cancel() {
    return this.act("cancel");
  }

  act(action, body = {}) {
    return this.#merchant.call("POST", `/lab/v1/sessions/${encodeURIComponent(this.id)}/${action}`, body);
  }

  read() {
    return this.#merchant.call("GET", `/hpp/v1/sessions/${encodeURIComponent(this.id)}`);
  }

  async status() {
    return (await this.read()).status;
  }

  async history() {
    return (await this.#merchant.call("GET", `/kassa/v1/sessions/${encodeURIComponent(this.id)}/events`)).events;
  }

  waitForCallbacks(count = 1) {
    return this.#merchant.waitForJournal(count, { kind: "callback", session: this.id });
  }

  async waitForMessages(count = 1) {
    const path = `/hpp/v1/sessions/${this.id}/distribution`;
    await this.#merchant.waitForJournal(count, { kind: "call", method: "POST", path, status: 201 });
    return (await this.#merchant.inbox()).filter((message) => message.session_id === this.id);
  }
}

module.exports = { PageSession };
