// The app for the browser tests: an embedded database of its own, removed at the end, and nothing of the environment
// of whoever runs the tests but the ports.
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
Object.assign(process.env, {
  NODE_ENV: "production",
  DATA_DIR: dataDir,
  ADMIN_EMAIL: "admin@example.com",
  ADMIN_PASSWORD: "correct horse battery",
  LOG_LEVEL: "warn",
});
await import("../../server.mjs");
