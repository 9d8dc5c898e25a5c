// Playwright's `test` with the fixtures `kassa` (one for each worker) and `merchant` (one for each test).
"use strict";

const { expect, test: base } = require("@playwright/test");
const { Kassa } = require("./process.js");

const test = base.extend({
  kassa: [
    async ({}, use) => {
      const kassa = await Kassa.start();
      await use(kassa);
      await kassa.stop();
    },
    { scope: "worker" },
  ],
  merchant: async ({ kassa }, use) => {
    const merchant = await kassa.newMerchant();
    await use(merchant);
    await merchant.delete();
  },
});

module.exports = { expect, test };
