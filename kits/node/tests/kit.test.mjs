// Tests the kit with the real binary: KASSA_BIN=.../kassa node --test tests/kit.test.mjs
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Kassa, KassaError, KassaRefused, KassaTimedOut, SAMPLE_CART } from "kassa";

const require = createRequire(import.meta.url);
const { findBinary } = require("../lib/binary.js");
const { end } = require("../lib/process.js");

const CLOSED = { status_update: "http://127.0.0.1:9/callbacks" };

let kassa, merchant;

before(async () => { kassa = await Kassa.start(); });
after(() => kassa.stop());
beforeEach(async () => { merchant = await kassa.newMerchant(); });
afterEach(() => merchant.delete());

test("every action returns the page session", async () => {
  const session = await merchant.createPageSession();
  assert.equal((await session.enter()).status, "IN_PROGRESS");
  assert.equal((await session.decline("no money")).status, "FAILED");
  assert.equal((await session.enter()).status, "IN_PROGRESS");
  assert.equal((await session.error("a cable broke")).status, "ERROR");
  assert.equal((await session.enter()).status, "IN_PROGRESS");
  assert.equal((await session.back()).status, "BACK");
  assert.equal((await session.approve("customer@email.se")).status, "COMPLETED");
  assert.deepEqual((await session.history()).map((event) => event.sequence), [1, 2, 3, 4, 5, 6, 7]);
});

test("Cancel is Back in a web shop, and final elsewhere", async () => {
  for (const [acquiring_channel, status] of [["ECOMMERCE", "BACK"], ["IN_STORE", "CANCELLED"]]) {
    const session = await merchant.createPageSession({ cart: { ...SAMPLE_CART, acquiring_channel } });
    await session.enter();
    assert.equal((await session.cancel()).status, status);
  }
});

test("a refused action has its status and code", async () => {
  const session = await merchant.createPageSession();
  const refused = await session.approve().catch((error) => error);
  assert.ok(refused instanceof KassaRefused);
  assert.match(refused.message, /409 CONFLICT: The consumer cannot approve/);
  assert.deepEqual([refused.status, refused.code], [409, "CONFLICT"]);
});

test("a session of the shop is found by its id", async () => {
  const created = await merchant.createPageSession();
  assert.deepEqual(await merchant.pageSession(created.id).read(), await created.read());
  assert.ok(created.redirectUrl.startsWith(`${merchant.url}/pay/`));
  assert.equal(created.labPage, `${merchant.url}/lab/of/${merchant.merchantId}/sessions/${created.id}`);
});

test("a dropped callback comes again when the clock moves", async () => {
  await merchant.injectFaults({ callbacks: [{ do: "drop", status: "COMPLETED", attempt: 1 }] });
  const session = await merchant.createPageSession({ merchantUrls: CLOSED });
  await session.enter();
  await session.approve();
  const first = await session.waitForCallbacks(2);
  assert.deepEqual(first.map((entry) => entry.faults), [undefined, ["drop"]]);
  const fired = await merchant.advanceClock("PT5S");
  assert.deepEqual(fired.map((one) => one.attempt), [2, 2]);
  assert.equal((await session.waitForCallbacks(4)).length, 4);
});

test("the clock is frozen and can be set", async () => {
  assert.equal((await merchant.clock()).frozen, true);
  await merchant.setClock({ now: "2026-01-01T08:00:00Z" });
  const session = await merchant.createPageSession();
  const fired = await merchant.advanceClockTo("2026-01-03T08:00:00Z");
  assert.deepEqual(fired.map((one) => [one.what, one.session_id]), [["session_expired", session.id]]);
  assert.deepEqual(await merchant.clock(), { now: "2026-01-03T08:00:00.000Z", frozen: true });
  assert.equal((await merchant.setClock({ frozen: false })).frozen, false);
});

test("a fault of a call ends when faults are cleared", async () => {
  await merchant.injectFaults({ calls: [{ do: "fail", status: 503, path: "/hpp/v1/sessions" }] });
  await assert.rejects(merchant.createPageSession(), { name: "KassaRefused", status: 503 });
  await merchant.clearFaults();
  await merchant.createPageSession();
  const entries = await merchant.journal({ path: "/hpp/v1/sessions" });
  assert.deepEqual(entries.map((entry) => entry.answer.status), [503, 201]);
});

test("the inbox has the link", async () => {
  const session = await merchant.createPageSession();
  const message = { method: "email", contact_information: { email: "customer@email.se" } };
  await merchant.call("POST", `/hpp/v1/sessions/${session.id}/distribution`, message);
  assert.deepEqual((await session.waitForMessages()).map((one) => one.link), [session.redirectUrl]);
});

test("an order passes its fraud check", async () => {
  const place = async () => {
    const session = await merchant.createPageSession();
    await session.enter();
    const { authorization_token } = await session.approve("customer+pend-accept-5@email.se");
    return merchant.call("POST", `/payments/v1/authorizations/${authorization_token}/order`, SAMPLE_CART);
  };
  const placed = await place();
  assert.equal(placed.fraud_status, "PENDING");
  assert.equal((await merchant.acceptOrder(placed.order_id)).fraud_status, "ACCEPTED");
  assert.equal((await merchant.rejectOrder((await place()).order_id)).fraud_status, "REJECTED");
});

test("a payment session needs no page", async () => {
  const { session_id } = await merchant.call("POST", "/payments/v1/sessions", SAMPLE_CART);
  await merchant.declinePaymentSession(session_id);
  const token = await merchant.approvePaymentSession(session_id);
  const placed = await merchant.call("POST", `/payments/v1/authorizations/${token}/order`, SAMPLE_CART);
  assert.equal(placed.fraud_status, "ACCEPTED");
});

test("a wait in vain reports what was there", async () => {
  const waited = await merchant.waitForJournal(1, { kind: "callback", wait: 0 }).catch((error) => error);
  assert.ok(waited instanceof KassaTimedOut);
  assert.match(waited.message, /The journal has 0 entries .* and not 1, after 0 seconds/);
});

test("merchants share nothing", async () => {
  const session = await merchant.createPageSession();
  const other = await kassa.newMerchant("Another Shop");
  await assert.rejects(other.pageSession(session.id).read(), { status: 404 });
  await other.delete();
  await assert.rejects(other.clock(), { status: 401 });
});

test("the binary is found by variable, then package, then path", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "kassa-kit-"));
  const executable = (...parts) => {
    const file = path.join(folder, ...parts);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, "#!/bin/sh\n");
    chmodSync(file, 0o755);
    return file;
  };
  const { KASSA_BIN, PATH } = process.env;
  const chosen = executable("chosen", "kassa");
  const beside = executable("node_modules", `kassa-${process.platform}-${process.arch}`, "bin", "kassa");
  const onPath = executable("path", "kassa");
  const find = () => findBinary([folder]);
  try {
    process.env.KASSA_BIN = chosen;
    process.env.PATH = path.dirname(onPath);
    assert.equal(find(), chosen);
    delete process.env.KASSA_BIN;
    assert.equal(find(), beside);
    rmSync(beside);
    assert.equal(find(), onPath);
    rmSync(onPath);
    symlinkSync(fileURLToPath(new URL("../bin/kassa.js", import.meta.url)), onPath);
    assert.throws(find, /Install Kassa, or set KASSA_BIN/);
    process.env.KASSA_BIN = chosen + "-missing";
    assert.throws(find, /KASSA_BIN is .*, which is not an executable file/);
  } finally {
    Object.assign(process.env, { KASSA_BIN, PATH });
    rmSync(folder, { recursive: true });
  }
});

test("a start that fails says so", async () => {
  await assert.rejects(Kassa.start({ options: ["--no-such-option"] }), /--no-such-option ended with status 2/);
  await assert.rejects(Kassa.start({ binary: "/no/kassa" }), /\/no\/kassa .* could not be started/);
});

test("a Kassa that runs already is used and not stopped", async () => {
  const connected = Kassa.connect(`${kassa.url}/`);
  const stranger = await connected.newMerchant();
  assert.equal(await (await stranger.createPageSession()).status(), "WAITING");
  await connected.stop();
  process.env.KASSA_URL = kassa.url;
  assert.equal((await Kassa.start()).url, kassa.url);
  delete process.env.KASSA_URL;
  await stranger.delete();
});

test("a stopped Kassa does not answer", async () => {
  const other = await Kassa.start();
  const stranger = await other.newMerchant();
  await other.stop();
  await other.stop();
  await assert.rejects(stranger.clock(), /KassaError: GET .* no complete answer from Kassa/);
});

for (const [answer, message] of [
  ["", /no complete answer from Kassa/],
  ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", /no complete answer from Kassa/],
  ["HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n{", /no complete answer from Kassa/],
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{}", /no complete answer from Kassa/],
  ["this is not HTTP\r\n\r\n", /no complete answer from Kassa/],
  ["HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n200 is fine", /the answer is not JSON: 200 is fine/],
  ["HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>", /502 : <html>/],
]) {
  test(`the answer ${JSON.stringify(answer)} is an error`, async () => {
    const server = createServer((socket) => socket.once("data", () => socket.end(answer)));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const connected = Kassa.connect(`http://127.0.0.1:${server.address().port}`);
    const failure = await connected.newMerchant().catch((error) => error);
    server.close();
    assert.ok(failure instanceof KassaError, failure);
    assert.match(failure.message, message);
  });
}

function script(commands) {
  const folder = mkdtempSync(path.join(tmpdir(), "kassa-kit-"));
  const file = path.join(folder, "kassa");
  writeFileSync(file, `#!/bin/sh\n${commands}\n`);
  chmodSync(file, 0o755);
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}

test("a start of another program says so", async () => {
  for (const line of ["Welcome", "[]", "{}"]) {
    const { file, remove } = script(`echo '${line}'`);
    await assert.rejects(Kassa.start({ binary: file }), /printed .*, and not a line of `kassa dev --json`/);
    remove();
  }
});

test("a Kassa that does not stop is killed", async () => {
  const { file, remove } = script("trap '' TERM; echo ready; exec sleep 1000");
  const child = spawn(file, { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  await end(child, 100);
  assert.equal(child.signalCode, "SIGKILL");
  remove();
});

test("Kassa ends when the test run is killed", async () => {
  const script = "require('kassa').Kassa.start().then(({ url }) => { console.log(url); setInterval(() => {}, 1e9); })";
  // Kassa inherits the standard error of its test run, so the pipe closes when both have ended.
  const options = { cwd: new URL("..", import.meta.url), stdio: ["ignore", "pipe", "pipe"] };
  const runner = spawn(process.execPath, ["-e", script], options);
  const [url] = await once(runner.stdout, "data");
  assert.match(String(url), /^http:\/\/127\.0\.0\.1:/);
  runner.kill("SIGKILL");
  await once(runner.stderr.resume(), "end");
});
