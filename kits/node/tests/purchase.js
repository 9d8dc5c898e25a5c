// Buys something with the kit, and prints the status of the page session. The tests of the artifacts run it.
const { Kassa } = require("kassa");

async function main() {
  const kassa = await Kassa.start();
  const session = await (await kassa.newMerchant()).createPageSession();
  await session.enter();
  const { status } = await session.approve();
  await kassa.stop();
  console.log(status);
  process.exitCode = status === "COMPLETED" ? 0 : 1;
}

main();
