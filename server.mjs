// The server process: serves the Remix build with the app booted in the same process, in production and under
// `remix dev --manual`.
import { statSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { explainError } from "./scripts/lib/explain-error.mjs";
import "./scripts/lib/heap.mjs";
import "./scripts/lib/mend-driver.mjs";
import { listen } from "./scripts/lib/web-server.mjs";

/** An app that does not close within this time is left to its crash safety. */
const CLOSE_MS = 15_000;

/** A signal this soon after the first is the same one, passed on by a parent as well. */
const REPEATED_SIGNAL_MS = 1_000;

const buildFile = path.resolve("build/index.js");
const loadBuild = () => import(`${pathToFileURL(buildFile).href}?t=${statSync(buildFile).mtimeMs}`);

process.env.NODE_ENV ??= "production";
try {
  let build = await loadBuild();
  const server = await listen(build, { current: () => build });
  console.log(`Plumbline serves ${server.app.config.publicUrl}`);
  if (server.app.setupUrl)
    console.log(`Create the first administrator here (works once): ${server.app.setupUrl}`);
  stopOnSignal(server);
  if (process.env.NODE_ENV === "development") await followBuild((next) => (build = next));
} catch (error) {
  fail(error);
}

/** The first signal ends in order; one more, after a moment, at once. Ctrl-C under npm arrives as two together. */
function stopOnSignal(server) {
  let stoppingSince;
  const stop = () => {
    if (stoppingSince !== undefined) {
      if (Date.now() - stoppingSince > REPEATED_SIGNAL_MS) process.exit(1);
      return;
    }
    stoppingSince = Date.now();
    setTimeout(() => process.exit(1), CLOSE_MS).unref();
    server.close().then(() => process.exit(), fail);
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, stop);
}

/** Under `remix dev`: takes over each new build, and says so to the compiler, which then tells the browsers. */
async function followBuild(use) {
  const { watch } = await import("chokidar");
  const { broadcastDevReady } = await import("@remix-run/node");
  const announce = async () => {
    const build = await loadBuild();
    use(build);
    await broadcastDevReady(build);
  };
  watch("build/version.txt", { ignoreInitial: true }).on("all", () => void announce().catch(console.error));
  await announce();
}

function fail(error) {
  console.error(explainError(error) ?? error);
  process.exit(1);
}
