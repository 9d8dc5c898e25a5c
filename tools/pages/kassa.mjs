// Starts Kassa for the tools that look at its pages, and calls its API as a merchant.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { end, start } from './browser.mjs';

/** The folder of the repository. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The folder of builds. */
export const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');

/** The merchants that the shops of these tools belong to. */
const SHOP = 'Nordlys Outdoor';

/** Builds the command, unless KASSA_BIN names one. */
function command() {
  const given = process.env.KASSA_BIN;
  if (given) return given;
  execFileSync('cargo', ['build', '--quiet', '--package', 'kassa'], { cwd: ROOT, stdio: 'inherit' });
  return join(TARGET, 'debug', 'kassa');
}

/** The source of axe-core, which `./test` installs. */
export function axePath() {
  const path = join(TARGET, 'tmp', 'node_modules', 'axe-core', 'axe.min.js');
  if (!existsSync(path)) throw new Error(`${path} is missing. ./test installs it.`);
  return path;
}

export class Kassa {
  #child;

  static async start() {
    const kassa = new Kassa();
    const options = { arguments: ['dev', '--listen', '127.0.0.1:0', '--json'], env: process.env };
    const { child, match } = await start(command(), options, /^\{.*\}$/);
    kassa.#child = child;
    const { url, username, password } = JSON.parse(match[0]);
    kassa.url = url;
    kassa.merchant = new Merchant(url, { username, password });
    return kassa;
  }

  stop() { return end(this.#child); }

  /** Creates a merchant with a clock of its own. */
  async newMerchant() {
    const created = await this.merchant.post('lab/v1/merchants', { name: SHOP });
    return new Merchant(this.url, created);
  }
}

export class Merchant {
  #url;
  #authorization;

  constructor(url, { username, password, merchant_id: id }) {
    this.#url = url;
    this.#authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    this.id = id;
  }

  get(path) { return this.#call('GET', path); }
  post(path, body = {}) { return this.#call('POST', path, body); }

  async #call(method, path, body) {
    const headers = { authorization: this.#authorization, 'content-type': 'application/json' };
    const answer = await fetch(`${this.#url}/${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** Creates a page session, and returns its id, its payment session and the link that the consumer opens. */
  async link(cart, { options = {}, urls = {} } = {}) {
    const payment = (await this.post('payments/v1/sessions', cart)).session_id;
    const paymentUrl = `${this.#url}/payments/v1/sessions/${payment}`;
    const body = { payment_session_url: paymentUrl, merchant_urls: urls, options };
    const created = await this.post('hpp/v1/sessions', body);
    const { session_id: session, redirect_url: url, distribution_module: { standalone_url: staffs } } = created;
    return { session, payment, url, staff: staffs.split('?')[0] };
  }

  /** Acts as the consumer, who has opened the page before. */
  async act(session, action, body = {}) {
    await this.post(`lab/v1/sessions/${session}/enter`);
    await this.post(`lab/v1/sessions/${session}/${action}`, body);
  }

  disable(session) { return this.#call('DELETE', `hpp/v1/sessions/${session}`); }
}
