import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { runQuietly } from "./child.mjs";
import { withSetupLock } from "./lock.mjs";
import { inProject } from "./project.mjs";

/** The sources and configuration that the build depends on. */
const FOLDERS = ["app", "db", "domain", "inngest"];
const FILES = ["package-lock.json", "package.json", "postcss.config.mjs", "remix.config.js", "tsconfig.json"];

/** Holds the fingerprint of the sources of the build; written last. */
const STAMP = ["build", ".fingerprint"];

/** Builds the app if its sources or configuration differ from those of the existing build. */
export async function ensureBuilt() {
  if (isFresh(fingerprint())) return;
  await withSetupLock(async () => {
    const wanted = fingerprint();
    if (isFresh(wanted)) return;
    console.log("Building the app …");
    rmSync(inProject(...STAMP), { force: true });
    await runQuietly(
      "The build",
      process.execPath,
      [inProject("node_modules/@remix-run/dev/dist/cli.js"), "build"],
      {
        env: { NODE_ENV: "production" },
      },
    );
    writeFileSync(inProject(...STAMP), wanted);
  });
}

function isFresh(wanted) {
  const stamp = inProject(...STAMP);
  return (
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === wanted &&
    existsSync(inProject("build", "index.js")) &&
    existsSync(inProject("public", "build"))
  );
}

function fingerprint() {
  const hash = createHash("sha256");
  for (const file of [...FOLDERS.flatMap(filesIn), ...FILES].sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(inProject(file)))
      .update("\0");
  }
  return hash.digest("hex");
}

function filesIn(folder) {
  return readdirSync(inProject(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".md"))
    .map((entry) => path.relative(inProject(), path.join(entry.parentPath ?? entry.path, entry.name)));
}
