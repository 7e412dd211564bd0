// npm test: everything that must hold, from a fresh clone. `node scripts/test.mjs faults` runs the long fault tests.
// Ends with one line, `N passed, N failed`, and exit code 1 when anything failed.
import { requireNode } from "./lib/node-version.mjs";

requireNode();
const { main } = await import("./lib/project.mjs");
await main(async () => {
  const { ensureInstalled } = await import("./lib/install.mjs");
  const { runStages, stages, faultStages } = await import("./lib/test-stages.mjs");
  await ensureInstalled();
  process.exitCode = await runStages(process.argv[2] === "faults" ? faultStages : stages);
});
