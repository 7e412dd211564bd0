// npm run dev: installs what is missing, connects and syncs a simulated account, and serves the app with hot reload.
// `-- --bare` serves the app alone, configured by the environment.
import { requireNode } from "./lib/node-version.mjs";

requireNode();
const { inProject, main } = await import("./lib/project.mjs");
await main(async () => {
  const { ensureInstalled } = await import("./lib/install.mjs");
  const { runInTerminal } = await import("./lib/child.mjs");
  await ensureInstalled();
  const remix = inProject("node_modules/@remix-run/dev/dist/cli.js");
  const command = process.argv.includes("--bare")
    ? [remix, "dev", "--manual", "-c", "node server.mjs"]
    : ["--import", "tsx", inProject("scripts/dev/main.ts")];
  process.exitCode = await runInTerminal(process.execPath, command);
});
