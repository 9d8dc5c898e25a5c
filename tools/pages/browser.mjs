// Drives headless Chromium through chromedriver, for the tools that look at the pages.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ARGUMENTS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
  '--hide-scrollbars', '--disable-background-networking', '--disable-component-update', '--remote-debugging-pipe'];

/** The longest wait for a part of a page, and the interval between two looks. */
const PATIENCE_MS = 15_000;
const INTERVAL_MS = 20;

/** The name that WebDriver gives to an element in JSON. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Starts a program and returns it with the first match of a pattern in what it prints. */
export async function start(program, options, pattern) {
  const child = spawn(program, options.arguments, { stdio: ['ignore', 'pipe', 'ignore'], env: options.env });
  children.add(child);
  child.on('exit', () => children.delete(child));
  const failed = new Promise((_, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
  });
  failed.catch(() => {});
  const announced = new Promise((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const match = pattern.exec(line);
      if (match) resolve(match);
    });
  });
  return { child, match: await Promise.race([announced, failed]) };
}

/** The programs that run. They end with this one. */
const children = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of children) child.kill('SIGTERM');
    process.exit(1);
  });
}

/** Ends a program and waits for its end. */
export function end(child) {
  if (child.exitCode !== null) return Promise.resolve();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  return ended;
}

function call(method, url, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        const { value } = JSON.parse(Buffer.concat(parts).toString());
        if (answer.statusCode === 200) resolve(value);
        else reject(Object.assign(new Error(`${method} ${url}: ${value.message}`), { kind: value.error }));
      });
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export class Browser {
  #driver;
  #folder;
  #window;
  #agent;

  static async start() {
    const browser = new Browser();
    browser.#folder = mkdtempSync(join(tmpdir(), 'pages-'));
    const env = { ...process.env, TMPDIR: browser.#folder, HOME: browser.#folder };
    const options = { arguments: ['--port=0'], env };
    const { child, match } = await start('chromedriver', options, /successfully on port (\d+)/);
    browser.#driver = child;
    const wanted = { capabilities: { alwaysMatch: { 'goog:chromeOptions': { args: ARGUMENTS } } } };
    const url = `http://127.0.0.1:${match[1]}/session`;
    const { sessionId } = await call('POST', url, wanted);
    browser.#window = `${url}/${sessionId}`;
    await browser.tell('timeouts', { script: 120_000 });
    browser.#agent = await browser.run('return navigator.userAgent');
    return browser;
  }

  async stop() {
    await call('DELETE', this.#window).catch(() => {});
    await end(this.#driver);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  tell(command, parameters) { return call('POST', `${this.#window}/${command}`, parameters); }
  ask(question) { return call('GET', `${this.#window}/${question}`); }
  visit(url) { return this.tell('url', { url }); }
  run(script, ...args) { return this.tell('execute/sync', { script, args }); }
  runLater(script, ...args) { return this.tell('execute/async', { script, args }); }
  devtools(cmd, params = {}) { return this.tell('goog/cdp/execute', { cmd, params }); }

  /** The number of the browser's release. */
  async version() { return /Chrome\/(\d+)/.exec((await this.devtools('Browser.getVersion')).product)[1]; }

  /** The elements that a CSS selector matches. */
  async all(selector) {
    const found = await this.tell('elements', { using: 'css selector', value: selector });
    return found.map((one) => one[ELEMENT]);
  }

  /** The name and the role of an element, as the browser gives them to assistive technology. */
  async named(element) {
    const of = (word) => this.ask(`element/${element}/${word}`);
    return { name: await of('computedlabel'), role: await of('computedrole') };
  }

  /** Waits for the part of the page with a test id. */
  async see(id) {
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
      const [element] = await this.all(`[data-testid="${id}"]`);
      if (element) return element;
      await new Promise((resolve) => { setTimeout(resolve, INTERVAL_MS); });
    }
    const text = await this.run('return document.body.innerText');
    throw new Error(`no ${id} at ${await this.ask('url')}:\n${text}`);
  }

  /** Presses a button or a link, as soon as it can be pressed. */
  async press(id) {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await this.tell(`element/${await this.see(id)}/click`, {});
      } catch (error) {
        const mayPass = ['stale element reference', 'element click intercepted', 'element not interactable'];
        if (!mayPass.includes(error.kind) || Date.now() > deadline) throw error;
      }
    }
  }

  async write(id, text) {
    const element = await this.see(id);
    await this.tell(`element/${element}/clear`, {});
    await this.tell(`element/${element}/value`, { text });
  }

  /** Presses one key, such as `Tab`, where the focus is. */
  async pressKey(key, code) {
    const parameters = { key, code: key, windowsVirtualKeyCode: code };
    await this.devtools('Input.dispatchKeyEvent', { type: 'keyDown', ...parameters });
    await this.devtools('Input.dispatchKeyEvent', { type: 'keyUp', ...parameters });
  }

  /** Emulates a screen. The density is the number of its pixels for one of CSS. */
  resize({ width, height, density = 1, mobile = true }) {
    const metrics = { width, height, deviceScaleFactor: density, mobile };
    return this.devtools('Emulation.setDeviceMetricsOverride', metrics);
  }

  /** Emulates what the consumer prefers: `prefers` has the values of media features by their names. */
  prefer(prefers) {
    const features = Object.entries(prefers).map(([name, value]) => ({ name, value }));
    return this.devtools('Emulation.setEmulatedMedia', { features });
  }

  /** Sends other headers: the program's name, the languages that it asks for, and more. */
  async pretend({ agent = this.#agent, languages = 'en', headers = {} } = {}) {
    const identity = { userAgent: agent, acceptLanguage: languages };
    await this.devtools('Emulation.setUserAgentOverride', identity);
    await this.devtools('Network.enable');
    await this.devtools('Network.setExtraHTTPHeaders', { headers });
  }

  /** A PNG of the whole page, also of its parts below the window. */
  async pictureOfPage() {
    const [width, height] = await this.run(
      'return [innerWidth, Math.max(innerHeight, document.documentElement.scrollHeight)]');
    const clip = { x: 0, y: 0, width, height, scale: 1 };
    const shown = await this.devtools('Page.captureScreenshot', { captureBeyondViewport: true, clip });
    return Buffer.from(shown.data, 'base64');
  }
}
