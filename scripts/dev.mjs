// npm run dev: the app with hot reload, after installing what is missing.
import { requireNode } from "./lib/node-version.mjs";

requireNode();
const { inProject, main } = await import("./lib/project.mjs");
await main(async () => {
  const { ensureInstalled } = await import("./lib/install.mjs");
  const { runInTerminal } = await import("./lib/child.mjs");
  await ensureInstalled();
  const remix = inProject("node_modules/@remix-run/dev/dist/cli.js");
  process.exitCode = await runInTerminal(process.execPath, [
    remix,
    "dev",
    "--manual",
    "-c",
    "node server.mjs",
  ]);
});
