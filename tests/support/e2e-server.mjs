// The app for the browser tests: an embedded database of its own, removed at the end, and nothing of the environment
// of whoever runs the tests but the ports. With `--first-run` it starts with nobody in it, and prints the link for that;
// otherwise with three companies that have an administrator each.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const dataDir = mkdtempSync(path.join(tmpdir(), "plumbline-e2e-"));
process.on("exit", () => rmSync(dataDir, { recursive: true, force: true }));

for (const name of Object.keys(process.env)) {
  if (/^(INNGEST_|ADMIN_|APP_SECRET|DATABASE_URL|EDITION|FEATURE_FLAGS|\w+_SYNC_TRANSPORT)/.test(name)) {
    delete process.env[name];
  }
}
Object.assign(process.env, { NODE_ENV: "production", DATA_DIR: dataDir, LOG_LEVEL: "warn" });

if (!process.argv.includes("--first-run")) {
  Object.assign(process.env, {
    ADMIN_EMAIL: "admin@example.com",
    ADMIN_PASSWORD: "correct horse battery",
  });
  // Before the server: one process at a time may have the embedded database.
  const others = [
    ["Other company", "other@example.com"],
    ["New company", "new@example.com"],
  ];
  for (const [company, email] of others) {
    const add = ["user", "add", "--company", company, "--email", email];
    const { status } = spawnSync(process.execPath, ["--import", "tsx", "cli/main.ts", ...add], {
      stdio: "inherit",
      env: { ...process.env, PASSWORD: "correct horse battery" },
    });
    if (status !== 0) process.exit(1);
  }
}
await import("../../server.mjs");
