import { defineConfig } from "@playwright/test";

import { findChromium } from "./scripts/lib/browser.mjs";

interface Ports {
  folders: Record<string, { app: number; simulator: number }>;
  empty: { app: number; simulator: number };
}

process.env.E2E_PORTS ??= JSON.stringify({
  folders: { general: { app: 3210, simulator: 4210 }, level: { app: 3211, simulator: 4211 } },
  empty: { app: 3212, simulator: 4210 },
} satisfies Ports);
const ports = JSON.parse(process.env.E2E_PORTS) as Ports;

const executablePath = findChromium();

/** The built app against the Level simulator, in the system's Chromium: nothing is downloaded. */
export default defineConfig({
  outputDir: "test-results",
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env.CI !== undefined,
  // A busy machine can lose a browser. `npm test` names each test that needed its second try.
  retries: process.env.CI === undefined ? 0 : 1,
  workers: Object.keys(ports.folders).length,
  // The folders go side by side, each with an app and a simulator of its own. Within one, all have one database: what a
  // test leaves is there for the next.
  projects: Object.entries(ports.folders).map(([name, { app, simulator }]) => ({
    name,
    testDir: `tests/e2e/${name}`,
    workers: 1,
    metadata: { simulatorUrl: `http://127.0.0.1:${simulator}` },
    use: { baseURL: `http://localhost:${app}` },
  })),
  use: {
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
    command: "node tests/support/e2e-world.mjs",
    // Tests find the link as SETUP_LINK in their environment.
    wait: { stdout: /The browser tests can begin; the first administrator's link: (?<setup_link>\S+)/ },
    timeout: 300_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 15_000 },
  },
});
