// Finds the `kassa` binary.
"use strict";

const { accessSync, constants, realpathSync, statSync } = require("node:fs");
const path = require("node:path");
const { KassaError } = require("./errors.js");

/** The package with the binary for this platform. `npm install kassa` installs it too, if it exists. */
const PLATFORM_PACKAGE = `kassa-${process.platform}-${process.arch}`;

/** The command of this package, which is on the PATH of `npm run` and runs the binary itself. */
const OWN_COMMAND = realpathSync(path.join(__dirname, "..", "bin", "kassa.js"));

/**
 * Returns the path of the binary: `KASSA_BIN`, or the one of the platform package, or `kassa` on the PATH. Only tests
 * give other folders of packages.
 */
function findBinary(packageFolders = undefined) {
  const chosen = process.env.KASSA_BIN;
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new KassaError(`KASSA_BIN is ${chosen}, which is not an executable file. Set it to the path of the kassa ` +
      "binary, or unset it.");
  }
  const found = [besideThePackage(packageFolders), ...onThePath()].find((file) => file && isExecutable(file));
  if (found) return found;
  throw new KassaError(`The kassa binary was not found: KASSA_BIN is not set, the package ${PLATFORM_PACKAGE} is not ` +
    "installed, and no kassa is on the PATH. Install Kassa, or set KASSA_BIN to the path of the binary.");
}

function besideThePackage(paths) {
  try {
    return require.resolve(`${PLATFORM_PACKAGE}/bin/kassa`, paths && { paths });
  } catch {
    return undefined;
  }
}

function onThePath() {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, "kassa"));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile() && realpathSync(file) !== OWN_COMMAND;
  } catch {
    return false;
  }
}

module.exports = { findBinary };
