import { existsSync } from "node:fs";

import { runQuietly } from "./child.mjs";
import { SetupError } from "./project.mjs";

/**
 * Installs a Debian package, if this system and user can.
 * @throws SetupError with the command to run, otherwise
 */
export async function installDebianPackage(name, why) {
  if (!existsSync("/usr/bin/apt-get")) throw new SetupError(`${why}. Install it in this system's own way.`);
  if (process.getuid?.() !== 0) throw new SetupError(`${why}. Install it with: sudo apt-get install ${name}`);
  console.log(`Installing the Debian package ${name} …`);
  // Run level 1: apt installs the services of a package without starting them.
  const env = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  await runQuietly("apt-get update", "apt-get", ["update", "-qq"], { env });
  await runQuietly(
    `apt-get install ${name}`,
    "apt-get",
    ["install", "-y", "-qq", "--no-install-recommends", name],
    { env },
  );
}
