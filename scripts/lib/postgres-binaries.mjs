import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { installDebianPackage } from "./debian.mjs";

const DEBIAN_FOLDER = "/usr/lib/postgresql";

/**
 * Installs the server's binaries if they are missing and TEST_DATABASE_URL names no server.
 * @throws SetupError with the command to run, if this system or user cannot install them
 */
export async function ensurePostgresBinaries(why) {
  if (process.env.TEST_DATABASE_URL === undefined && findPostgresBinaries() === undefined)
    await installDebianPackage("postgresql", why);
}

/**
 * The folder with initdb and postgres: Debian's newest version, otherwise from the PATH. Undefined if there is none.
 */
export function findPostgresBinaries() {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : [];
  const folders = [
    ...versions
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => path.join(DEBIAN_FOLDER, version, "bin")),
    ...(process.env.PATH ?? "").split(path.delimiter),
  ];
  return folders.find((folder) =>
    ["initdb", "postgres"].every((name) => existsSync(path.join(folder, name))),
  );
}
