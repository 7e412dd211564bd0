import { defineConfig } from "@playwright/test";

import { findChromium } from "./scripts/lib/browser.mjs";

const port = Number(process.env.E2E_PORT ?? 3210);
const firstRunPort = Number(process.env.E2E_FIRST_RUN_PORT ?? port + 1);
const simulatorPort = Number(process.env.E2E_SIMULATOR_PORT ?? 4210);

const executablePath = findChromium();

/** The built app against the Level simulator, in the system's Chromium: nothing is downloaded. */
export default defineConfig({
  testDir: "tests/e2e",
  outputDir: "test-results",
  // One app with one database: what a test leaves is there for the next.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env.CI !== undefined,
  use: {
    baseURL: `http://localhost:${port}`,
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
  webServer: [
    {
      name: "simulator",
      command: `node --import tsx tests/level-simulator/main.ts --port ${simulatorPort} --devices 120`,
      url: `http://127.0.0.1:${simulatorPort}/_control/stats`,
      gracefulShutdown: { signal: "SIGTERM", timeout: 5_000 },
    },
    {
      name: "app",
      command: "node tests/support/e2e-server.mjs",
      url: `http://localhost:${port}/healthz`,
      timeout: 60_000,
      gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
      env: {
        PORT: String(port),
        PUBLIC_URL: `http://localhost:${port}`,
        LEVELIO_API_BASE_URL: `http://127.0.0.1:${simulatorPort}`,
      },
    },
    {
      name: "app with nobody in it",
      command: "node tests/support/e2e-server.mjs --first-run",
      // Tests find the link as SETUP_LINK in their environment.
      wait: { stdout: /Create the first administrator here \(works once\): (?<setup_link>\S+)/ },
      timeout: 60_000,
      gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
      env: {
        PORT: String(firstRunPort),
        PUBLIC_URL: `http://localhost:${firstRunPort}`,
        LEVELIO_API_BASE_URL: `http://127.0.0.1:${simulatorPort}`,
      },
    },
  ],
});
