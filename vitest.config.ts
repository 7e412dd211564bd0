import { fileURLToPath } from "node:url";

import { defineConfig, type TestProjectConfiguration, type UserWorkspaceConfig } from "vitest/config";

const folder = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const databases = ["./tests/setup/databases.ts"];
const everyFile = ["./tests/setup/console.ts"];

function project(name: string, tests: string, more: UserWorkspaceConfig["test"] = {}) {
  return {
    extends: true,
    test: { name, include: [`${tests}/**/*.test.{ts,tsx}`], setupFiles: everyFile, ...more },
  } satisfies TestProjectConfiguration;
}

/**
 * What the embedded database runs of the integration tests: what depends on the database, and one of each kind of work.
 * Every other statement meets it in `tests/dialect` (docs/decisions/016).
 */
const dialectSuite = [
  "tests/dialect/**/*.test.ts",
  "tests/integration/database/**/*.test.ts",
  "tests/integration/cli/{commands,demo}.test.ts",
  "tests/integration/connections/races.test.ts",
  "tests/integration/operations/doctor.test.ts",
  "tests/integration/sync/{full-sync,durable,kill}.test.ts",
  "tests/integration/webhooks/{both-ways,killed-server}.test.ts",
];

/** Named apart from Vite's own file: the Remix compiler would take a root `vite.config` for its own. */
export default defineConfig({
  resolve: {
    alias: {
      "~": folder("app"),
      "@db": folder("db"),
      "@domain": folder("domain"),
      "@inngest": folder("inngest"),
      "@tests": folder("tests"),
    },
  },
  test: {
    environment: "node",
    pool: "forks",
    // As the server loads its driver.
    execArgv: ["--import", new URL("scripts/lib/mend-driver.mjs", import.meta.url).href],
    // Files follow each other in one process: to load the app, and to start an embedded database, takes longer than most
    // of them. What a file changes in its process it puts back.
    isolate: false,
    // One more than the two cores that CI has: half of what the tests take is waiting.
    maxWorkers: 3,
    // Far beyond what any test takes: a busy machine must not fail a right one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Without it a poll gives up after a second.
    expect: { poll: { timeout: 60_000 } },
    restoreMocks: true,
    // What one project has compiled, the others do not compile again.
    experimental: { fsModuleCache: true },
    projects: [
      project("unit", "tests/unit"),
      project("architecture", "tests/architecture"),
      project("integration-postgres", "tests/integration", {
        globalSetup: databases,
        setupFiles: [...everyFile, "./tests/setup/statements.ts"],
        env: { TEST_DATABASE: "postgres" },
      }),
      project("integration-embedded", "tests/integration", {
        globalSetup: databases,
        env: { TEST_DATABASE: "embedded" },
        include:
          process.env["TEST_EMBEDDED"] === "all"
            ? ["tests/{dialect,integration}/**/*.test.ts"]
            : dialectSuite,
        exclude: [
          // Storms of thousands of refresh requests through the runner: the same statements in bulk, minutes on this database.
          "tests/integration/webhooks/refresh-requests.test.ts",
          // A month of minutes: it is about the clock, and what it asks of the database others ask of both.
          "tests/integration/schedule/thirty-days.test.ts",
        ],
        // After the tests that record the statements it asks about.
        sequence: { groupOrder: 1 },
      }),
      project("conformance", "tests/conformance", { globalSetup: databases }),
      project("faults", "tests/faults", { globalSetup: databases }),
    ],
  },
});
