// npm test: runs every check from a fresh clone. `node scripts/test.mjs SUITE [FILE …]` runs one suite, or some of its
// files. Ends with one line, `N passed, N failed`, and exit code 1 if anything failed.
import { requireNode } from "./lib/node-version.mjs";

requireNode();
const { main, SetupError } = await import("./lib/project.mjs");
await main(async () => {
  const { ensureInstalled } = await import("./lib/install.mjs");
  const { runStages, suites } = await import("./lib/test-stages.mjs");
  const [name = "all", ...files] = process.argv.slice(2);
  if (!Object.hasOwn(suites, name))
    throw new SetupError(`No suite is called ${name}. There are: ${Object.keys(suites).join(", ")}.`);
  await ensureInstalled();
  process.exitCode = await runStages(suites[name](files));
});
