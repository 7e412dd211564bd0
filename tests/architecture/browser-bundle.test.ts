import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { root } from "./source-imports";

const browser = path.join(root, "public/build");
const server = path.join(root, "build/index.js");
const isBuilt = existsSync(browser) && existsSync(server);

/** Words that only server code uses: SQL, secrets, environment variables, the guard of a route. */
const serverWords = [
  "plumbline_tenant",
  "rmm_sync_run_pages",
  "tenant_secrets",
  "set_config",
  "APP_SECRET",
  "DATABASE_URL",
  "aes-256-gcm",
  "argon2",
  "drizzle",
  "guardedIntents",
];

describe.skipIf(!isBuilt)("the browser's bundle (needs `npm run build`)", () => {
  it.each(serverWords)("does not contain %s, which the server's does", (word) => {
    const leaking = readdirSync(browser, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".js"))
      .filter((file) => readFileSync(path.join(browser, file), "utf8").includes(word));
    expect(leaking).toEqual([]);
    // A word that nobody uses any more would prove nothing.
    expect(readFileSync(server, "utf8")).toContain(word);
  });
});

describe("what keeps server code out of the bundle", () => {
  it("package.json declares no side effects, so a dropped import of server code leaves nothing behind", () => {
    const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
      sideEffects?: boolean;
    };
    expect(manifest.sideEffects).toBe(false);
  });

  it("the compiler watches the folders outside app/, and single fetch is off", async () => {
    const { default: config } = (await import("../../remix.config.js")) as {
      default: { watchPaths: string[]; future: { v3_singleFetch: boolean } };
    };
    expect(config.watchPaths).toEqual(["./db/**/*.ts", "./domain/**/*.ts", "./inngest/**/*.ts"]);
    expect(config.future.v3_singleFetch).toBe(false);
  });
});
