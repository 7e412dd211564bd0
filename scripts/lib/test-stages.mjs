import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";

import { findChromium } from "./browser.mjs";
import { ensureBuilt } from "./build.mjs";
import { runInTerminal } from "./child.mjs";
import { installDebianPackage } from "./debian.mjs";
import { ensurePostgresBinaries } from "./postgres-binaries.mjs";
import { inProject, SetupError } from "./project.mjs";

/**
 * A stage of the tests: its title, what it runs, and, where it counts tests, how many passed and failed.
 * @typedef {{ title: string, run(): Promise<number>, count?(): { passed: number, failed: number } }} Stage
 */

const vitestReport = inProject(".tmp", "vitest.json");
const playwrightReport = inProject(".tmp", "playwright.json");

const bin = (name) => inProject("node_modules", ".bin", name);

/** @returns {Stage} */
const vitest = (...projects) => ({
  title: "Tests",
  run: async () => {
    await ensurePostgresBinaries("The tests start a Postgres of their own and need its binaries");
    const selected = projects.flatMap((project) => ["--project", project]);
    return runInTerminal(bin("vitest"), [
      "run",
      ...selected,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${vitestReport}`,
    ]);
  },
  count: () => {
    const { numPassedTests, numFailedTests, testResults } = readReport(vitestReport);
    // A file that could not be loaded has no tests to count.
    const broken = testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.length === 0,
    );
    return { passed: numPassedTests, failed: numFailedTests + broken.length };
  },
});

/** @type {Stage} */
const browser = {
  title: "In a browser",
  run: async () => {
    if (!existsSync(inProject("tests", "e2e"))) throw new SetupError("There are no tests in tests/e2e.");
    if (findChromium() === undefined) await installChromium();
    return runInTerminal(bin("playwright"), ["test", "--reporter=list,json"], {
      env: {
        PLAYWRIGHT_JSON_OUTPUT_NAME: playwrightReport,
        E2E_PORTS: JSON.stringify(await browserPorts()),
      },
    });
  },
  count: () => {
    const { expected, flaky, unexpected } = readReport(playwrightReport).stats;
    return { passed: expected + flaky, failed: unexpected };
  },
};

/** @type {Stage[]} */
export const stages = [
  // Side by side: each keeps one core busy.
  {
    title: "Lint and types",
    run: async () => {
      const checks = ["lint:rules", "lint:format", "typecheck"];
      return Math.max(...(await Promise.all(checks.map(runScript))));
    },
  },
  // Before the tests: one of them looks through the browser's bundle.
  { title: "Build", run: () => ensureBuilt().then(() => 0) },
  vitest("unit", "architecture", "integration-postgres", "integration-embedded", "conformance"),
  browser,
];

/** @type {Stage[]} */
export const faultStages = [vitest("faults")];

/** Runs the stages up to the first that fails, and prints the total. @returns {Promise<number>} the exit code */
export async function runStages(list) {
  mkdirSync(inProject(".tmp"), { recursive: true });
  for (const report of [vitestReport, playwrightReport]) rmSync(report, { force: true });
  const total = { passed: 0, failed: 0 };
  for (const stage of list) {
    console.log(`\n── ${stage.title}`);
    const startedAt = Date.now();
    const code = await runStage(stage);
    const counted = stage.count?.() ?? { passed: 0, failed: 0 };
    total.passed += counted.passed;
    total.failed += counted.failed;
    if (code !== 0) {
      // A stage can fail without a failed test: lint, types, a browser that does not start.
      if (counted.failed === 0) total.failed++;
      console.log(`── ${stage.title} failed`);
      break;
    }
    console.log(`── ${stage.title}: ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

const runScript = (name) => runInTerminal("npm", ["run", "--silent", name]);

/** Not every release has the shell in a package of its own. */
async function installChromium() {
  const why = "The browser tests need Chromium";
  try {
    await installDebianPackage("chromium-headless-shell", why);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    await installDebianPackage("chromium", why);
  }
}

async function runStage(stage) {
  try {
    return await stage.run();
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    return 1;
  }
}

/** Nothing was counted when the program ended before its report. */
function readReport(file) {
  const nothing = {
    numPassedTests: 0,
    numFailedTests: 0,
    testResults: [],
    stats: { expected: 0, flaky: 0, unexpected: 0 },
  };
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : nothing;
}

/** What `playwright.config.ts` has fixed numbers for. */
async function browserPorts() {
  const [level, general] = [await freePorts(), await freePorts()];
  return { folders: { general, level }, empty: { ...general, app: await freePort() } };
}

const freePorts = async () => ({ app: await freePort(), simulator: await freePort() });

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
