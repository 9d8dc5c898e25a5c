// The test kit of Kassa. It is CommonJS, which every test runner can load; `import` works too.
"use strict";

const { Kassa } = require("./process.js");
const { Merchant, SAMPLE_CART } = require("./merchant.js");
const { PageSession } = require("./page-session.js");
const { KassaError, KassaRefused, KassaTimedOut } = require("./errors.js");

module.exports = { Kassa, KassaError, KassaRefused, KassaTimedOut, Merchant, PageSession, SAMPLE_CART };
