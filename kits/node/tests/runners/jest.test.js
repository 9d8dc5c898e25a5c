const { Kassa } = require("kassa");

let kassa;
beforeAll(async () => { kassa = await Kassa.start(); });
afterAll(() => kassa.stop());

test("a consumer pays", async () => {
  const session = await (await kassa.newMerchant()).createPageSession();
  await session.enter();
  await session.approve();
  expect(await session.status()).toBe("COMPLETED");
});
