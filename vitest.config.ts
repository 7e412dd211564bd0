import path from "node:path";

import { defineConfig, type TestProjectConfiguration } from "vitest/config";

const folder = (name: string) => path.resolve(import.meta.dirname, name);

const databases = ["./tests/setup/databases.ts"];
const everyFile = ["./tests/setup/console.ts"];

function project(
  name: string,
  tests: string,
  more: { globalSetup?: string[]; env?: Record<string, string> } = {},
) {
  return {
    extends: true,
    test: { name, include: [`${tests}/**/*.test.{ts,tsx}`], setupFiles: everyFile, ...more },
  } satisfies TestProjectConfiguration;
}

/** Named apart from Vite's own file: the Remix compiler would take a root `vite.config` for its own. */
export default defineConfig({
  resolve: {
    alias: {
      "~": folder("app"),
      "@db": folder("db"),
      "@inngest": folder("inngest"),
      "@tests": folder("tests"),
    },
  },
  test: {
    environment: "node",
    pool: "forks",
    maxWorkers: 2,
    // Far beyond what any test takes: a busy machine must not fail a right one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    restoreMocks: true,
    projects: [
      project("unit", "tests/unit"),
      project("architecture", "tests/architecture"),
      project("integration-postgres", "tests/integration", {
        globalSetup: databases,
        env: { TEST_DATABASE: "postgres" },
      }),
      project("integration-embedded", "tests/integration", {
        globalSetup: databases,
        env: { TEST_DATABASE: "embedded" },
      }),
      project("conformance", "tests/conformance", { globalSetup: databases }),
      project("faults", "tests/faults", { globalSetup: databases }),
    ],
  },
});
