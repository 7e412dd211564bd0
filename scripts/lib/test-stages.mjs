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
 * How many tests of a stage passed and failed, and the titles of the tests that passed only at the retry.
 * @typedef {{ passed: number, failed: number, retried?: string[] }} Count
 * A stage of the tests: its title, `run` (which returns the exit code), and `count` if it counts tests.
 * @typedef {{ title: string, run(): Promise<number>, count?(): Count }} Stage
 */

const vitestReport = inProject(".tmp", "vitest.json");
const playwrightReport = inProject(".tmp", "playwright.json");

const bin = (name) => inProject("node_modules", ".bin", name);

/** @returns {Stage} */
const vitest = (projects, files = []) => ({
  title: "Tests",
  run: async () => {
    if (projects.some((project) => project !== "unit"))
      await ensurePostgresBinaries("The tests start a Postgres of their own and need its binaries");
    const selected = [...files, ...projects.flatMap((project) => ["--project", project])];
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
    // A file that fails to load counts as one failed test.
    const broken = testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.length === 0,
    );
    return { passed: numPassedTests, failed: numFailedTests + broken.length };
  },
});

/** @returns {Stage} */
const browser = (files = []) => ({
  title: "In a browser",
  run: async () => {
    if (!existsSync(inProject("tests", "e2e"))) throw new SetupError("There are no tests in tests/e2e.");
    if (findChromium() === undefined) await installChromium();
    return runInTerminal(bin("playwright"), ["test", ...files, "--reporter=list,json"], {
      env: {
        PLAYWRIGHT_JSON_OUTPUT_NAME: playwrightReport,
        E2E_PORTS: JSON.stringify(await browserPorts()),
      },
    });
  },
  count: () => {
    const report = readReport(playwrightReport);
    const { expected, flaky, unexpected } = report.stats;
    return { passed: expected + flaky, failed: unexpected, retried: retriedTests(report.suites) };
  },
});

/** @type {Stage} */
const checks = {
  // Run side by side: each keeps one core busy.
  title: "Lint and types",
  run: async () => {
    const scripts = ["lint:rules", "lint:unused", "lint:format", "typecheck"];
    return Math.max(...(await Promise.all(scripts.map(runScript))));
  },
};

/** @type {Stage} */
const build = { title: "Build", run: () => ensureBuilt().then(() => 0) };

/** @type {Stage} */
const watch = {
  title: "Unit tests, watched",
  run: () => runInTerminal(bin("vitest"), ["watch", "--project", "unit"]),
};

/**
 * The stages that `node scripts/test.mjs NAME [FILE …]` runs. The build comes before tests that inspect the browser's
 * bundle or start the built server.
 * @type {Record<string, (files: string[]) => Stage[]>}
 */
export const suites = {
  all: () => [
    checks,
    build,
    vitest(["unit", "architecture", "integration-postgres", "integration-embedded", "conformance"]),
    browser(),
  ],
  unit: (files) => [vitest(["unit"], files)],
  conformance: (files) => [build, vitest(["architecture", "conformance"], files)],
  watch: () => [watch],
  integration: (files) => [build, vitest(["integration-postgres", "integration-embedded"], files)],
  e2e: (files) => [build, browser(files)],
  faults: (files) => [vitest(["faults"], files)],
};

/**
 * Runs the stages until one fails, and prints the total.
 * @returns {Promise<number>} the exit code
 */
export async function runStages(list) {
  mkdirSync(inProject(".tmp"), { recursive: true });
  for (const report of [vitestReport, playwrightReport]) rmSync(report, { force: true });
  const total = { passed: 0, failed: 0, retried: [] };
  const times = [];
  for (const stage of list) {
    console.log(`\n── ${stage.title}`);
    const startedAt = Date.now();
    const code = await runStage(stage);
    const counted = stage.count?.() ?? { passed: 0, failed: 0 };
    total.passed += counted.passed;
    total.failed += counted.failed;
    total.retried.push(...(counted.retried ?? []));
    times.push(`${stage.title}: ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
    if (code !== 0) {
      // A stage can fail without a failed test: lint, types, a browser that does not start.
      if (counted.failed === 0) total.failed++;
      console.log(`── ${stage.title} failed`);
      break;
    }
  }
  console.log(`\n── ${times.join(" · ")}`);
  for (const title of total.retried) console.log(`── Passed at the second try: ${title}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

const runScript = (name) => runInTerminal("npm", ["run", "--silent", name]);

/** Some Debian releases have no package for the shell. */
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

/**
 * The titles of the tests that failed first and passed at the retry.
 * @returns {string[]}
 */
function retriedTests(suites) {
  return suites.flatMap((suite) => [
    ...retriedTests(suite.suites ?? []),
    ...suite.specs
      .filter((spec) => spec.tests.some((test) => test.status === "flaky"))
      .map((spec) => `${spec.file}: ${spec.title}`),
  ]);
}

/** The program ended before it wrote its report. */
function readReport(file) {
  const nothing = {
    numPassedTests: 0,
    numFailedTests: 0,
    testResults: [],
    suites: [],
    stats: { expected: 0, flaky: 0, unexpected: 0 },
  };
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : nothing;
}

/** The ports that `playwright.config.ts` uses. */
async function browserPorts() {
  return { app: await freePort(), level: await freePort() };
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
