import { defineConfig } from "@playwright/test";

// The browser of the system, instead of the one that Playwright installs.
const launchOptions = { executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] };

export default defineConfig({ use: { launchOptions } });
