// node scripts/run.mjs [--build] <file.ts> [arguments]: installs what is missing, builds the app if asked to, and runs
// a TypeScript file of the project in this terminal.
import { pathToFileURL } from "node:url";

import { requireNode } from "./lib/node-version.mjs";

requireNode();
const { inProject, main, SetupError } = await import("./lib/project.mjs");
await main(async () => {
  const { ensureInstalled } = await import("./lib/install.mjs");
  const { ensureBuilt } = await import("./lib/build.mjs");
  const { runInTerminal } = await import("./lib/child.mjs");
  const build = process.argv[2] === "--build";
  const [file, ...args] = process.argv.slice(build ? 3 : 2);
  if (file === undefined) throw new SetupError("Usage: node scripts/run.mjs [--build] <file.ts> [arguments]");
  await ensureInstalled();
  if (build) await ensureBuilt();
  const mend = pathToFileURL(inProject("scripts/lib/mend-driver.mjs")).href;
  const node = ["--import", "tsx", "--import", mend, file, ...args];
  process.exitCode = await runInTerminal(process.execPath, node, {
    // The built app is a production build; React must not mix its production and development builds.
    env: build ? { NODE_ENV: process.env.NODE_ENV ?? "production" } : {},
  });
});
