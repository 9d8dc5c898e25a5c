#!/usr/bin/env node
// The command `kassa`: runs the binary with the same arguments.
"use strict";

const { spawn } = require("node:child_process");
const { findBinary } = require("../lib/binary.js");

function main() {
  const child = spawn(findBinary(), process.argv.slice(2), { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => complain(error.message));
  child.on("exit", (status, signal) => {
    process.exitCode = status ?? 1;
    if (signal) complain(`ended by ${signal}`);
  });
}

function complain(message) {
  process.exitCode = 1;
  process.stderr.write(`kassa: ${message}\n`);
}

try {
  main();
} catch (error) {
  complain(error.message);
}
