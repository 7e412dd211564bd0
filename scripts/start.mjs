// npm start: from a fresh clone to a serving app.
import { requireNode } from "./lib/node-version.mjs";

requireNode();
const { main, inProject } = await import("./lib/project.mjs");
await main(async () => {
  const { ensureInstalled } = await import("./lib/install.mjs");
  const { ensureBuilt } = await import("./lib/build.mjs");
  await ensureInstalled();
  await ensureBuilt();
  await import(inProject("server.mjs"));
});
