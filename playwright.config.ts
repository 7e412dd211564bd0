import { defineConfig } from "@playwright/test";

import { findChromium } from "./scripts/lib/browser.mjs";
import type { E2ePorts } from "./tests/support/e2e-companies";

process.env.E2E_PORTS ??= JSON.stringify({ app: 3210, level: 4210 } satisfies E2ePorts);
const ports = JSON.parse(process.env.E2E_PORTS) as E2ePorts;

const executablePath = findChromium();

/** The built app against the Level simulator, in the system's Chromium: nothing is downloaded. */
export default defineConfig({
  outputDir: "test-results",
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: process.env.CI !== undefined,
  // A busy machine can lose a browser. `npm test` names each test that needed its second try.
  retries: process.env.CI === undefined ? 0 : 1,
  testDir: "tests/e2e",
  // Files go side by side and in any order, each in a company of its own, and so does a second try (`company()`). The
  // tests of a file follow each other in one company: what one leaves is there for the next.
  workers: 2,
  metadata: { levelUrl: `http://127.0.0.1:${ports.level}` },
  use: {
    baseURL: `http://localhost:${ports.app}`,
    // To record a trace of each test takes longer than the tests: where one is wanted, `npx playwright test --trace on`.
    screenshot: "only-on-failure",
    contextOptions: { reducedMotion: "reduce" },
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  webServer: {
    name: "world",
    command: "node --import tsx tests/support/e2e-world.ts",
    // Tests find the folder as CLAIMS in their environment.
    wait: { stdout: /The browser tests can begin; claims: (?<claims>\S+)/ },
    timeout: 300_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 15_000 },
  },
});
