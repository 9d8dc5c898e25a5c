// The compiler checks this file. Nobody runs it.
import { Kassa, KassaRefused, Merchant, PageSession, SAMPLE_CART } from "kassa";
import { test } from "kassa/playwright";

export async function purchase(): Promise<string> {
  const kassa: Kassa = await Kassa.start({ options: ["--seed", "7"] });
  const merchant: Merchant = await kassa.newMerchant();
  const session: PageSession = await merchant.createPageSession({ cart: SAMPLE_CART });
  await session.act("approve", { email: "customer@email.se" });
  const [entry] = await merchant.waitForJournal(1, { kind: "callback", wait: 5 });
  // @ts-expect-error: there is no such action
  await session.act("refuse");
  // @ts-expect-error: the kit creates merchants
  new Merchant();
  return entry.path;
}

export const isConflict = (error: unknown): boolean => error instanceof KassaRefused && error.status === 409;

test("fixtures have types", async ({ kassa, merchant }) => {
  const urls: string[] = [kassa.url, merchant.url];
  urls.sort();
});
