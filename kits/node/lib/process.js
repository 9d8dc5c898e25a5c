// Starts and stops `kassa dev`.
"use strict";

const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { createInterface } = require("node:readline");
const { Api } = require("./api.js");
const { findBinary } = require("./binary.js");
const { KassaError } = require("./errors.js");
const { Merchant } = require("./merchant.js");

const OPTIONS = ["dev", "--listen", "127.0.0.1:0", "--json", "--quiet", "--stop-when-stdin-closes"];

/** Kassa itself takes 10 seconds at most to stop. After this time, the kit kills it. */
const STOP_MS = 30_000;

/** The credential that each `kassa dev` has. */
const PUBLISHED = { username: "PK00000_dev", password: "dev" };

/**
 * A running `kassa dev`.
 *
 * If the kit started it, its standard input is a pipe from this process. So it stops when this process ends, even if
 * this process is killed.
 */
class Kassa {
  #process;
  #api;

  constructor(process, announced) {
    this.#process = process;
    this.#api = new Api(announced.url, announced.username, announced.password);
    this.url = announced.url;
  }

  static async start({ binary, options = [] } = {}) {
    if (process.env.KASSA_URL) return Kassa.connect(process.env.KASSA_URL);
    const command = [binary ?? findBinary(), ...OPTIONS, ...options];
    // In a session of its own, it does not get the Ctrl-C of the terminal before the tests have ended.
    const child = spawn(command[0], command.slice(1), { stdio: ["pipe", "pipe", "inherit"], detached: true });
    const kassa = new Kassa(child, await announcement(child, command.join(" ")));
    // A test run that forgets to stop Kassa still ends, and then Kassa stops too.
    for (const part of [child, child.stdin, child.stdout]) part.unref();
    return kassa;
  }

  static connect(url) {
    return new Kassa(undefined, { url: url.replace(/\/$/, ""), ...PUBLISHED });
  }

  async newMerchant(name) {
    const made = await this.#api.call("POST", "/lab/v1/merchants", name ? { name } : {});
    const merchant = new Merchant(this.url, made);
    await merchant.setClock({ frozen: true });
    return merchant;
  }

  async stop() {
    if (this.#process) await end(this.#process);
  }
}

/** Ends a process, and waits until it has ended. Only tests give it less time. */
async function end(child, patienceMs = STOP_MS) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.ref();
  child.stdin.end();
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await ended;
  clearTimeout(timer);
}

/** Waits until a Kassa accepts requests, and returns what it says about itself. */
async function announcement(child, command) {
  const line = await firstLine(child, command);
  try {
    const announced = JSON.parse(line);
    if (announced?.url) return announced;
  } catch {
    // It is another program.
  }
  await end(child);
  throw new KassaError(`${command} printed ${line}, and not a line of \`kassa dev --json\`.`);
}

/** Waits for the line that a Kassa prints when it accepts requests. */
function firstLine(child, command) {
  return new Promise((resolve, reject) => {
    const lines = createInterface(child.stdout);
    lines.once("line", (line) => {
      lines.close();
      child.stdout.resume();
      resolve(line);
    });
    child.once("error", (error) => reject(new KassaError(`${command} could not be started: ${error.message}`)));
    // Unlike `exit`, this event comes after all that the process printed.
    child.once("close", (status) =>
      reject(new KassaError(`${command} ended with status ${status}. Standard error says why.`)));
  });
}

module.exports = { Kassa, end };
