import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { installDebianPackage } from "./debian.mjs";

const DEBIAN_FOLDER = "/usr/lib/postgresql";

/**
 * Installs the server's binaries where there are none, unless a server is given (TEST_DATABASE_URL).
 * @throws SetupError with the command to run, where that is not possible
 */
export async function ensurePostgresBinaries(why) {
  if (process.env.TEST_DATABASE_URL === undefined && findPostgresBinaries() === undefined)
    await installDebianPackage("postgresql", why);
}

/** The folder with initdb and postgres: Debian's newest version, else the PATH. Undefined when there is none. */
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
