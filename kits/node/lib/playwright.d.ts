import { expect, type TestType, type PlaywrightTestArgs, type PlaywrightTestOptions, type PlaywrightWorkerArgs,
  type PlaywrightWorkerOptions } from "@playwright/test";
import type { Kassa, Merchant } from "./index";

/** Playwright's `test` with a Kassa for each worker, and a merchant with a frozen clock for each test. */
export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & { merchant: Merchant },
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & { kassa: Kassa }
>;
export { expect };
