import { existsSync, readFileSync } from "node:fs";

import { runQuietly } from "./child.mjs";
import { withSetupLock } from "./lock.mjs";
import { inProject } from "./project.mjs";

/** Installs the locked dependencies if they are missing or differ from package-lock.json. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  await withSetupLock(async () => {
    if (isInstalled()) return;
    console.log("Installing dependencies (about a minute, once) …");
    // Development dependencies are needed in production too, because the build is made on this machine.
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    await runQuietly("npm ci", npm, ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]);
  });
}

/**
 * Whether node_modules is complete and current. npm writes its lock file inside node_modules last, so an interrupted
 * install has none. Packages for another operating system mean that the folder was copied from another machine.
 */
function isInstalled() {
  const wanted = packagesOf(inProject("package-lock.json"));
  const present = packagesOf(inProject("node_modules", ".package-lock.json"));
  if (wanted === undefined || present === undefined) return false;
  const fits = ([name, { version, os }]) =>
    wanted[name]?.version === version && (os === undefined || os.includes(process.platform));
  const isThere = ([name, entry]) => name === "" || name in present || entry.optional || entry.devOptional;
  return Object.entries(present).every(fits) && Object.entries(wanted).every(isThere);
}

function packagesOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : undefined;
}
