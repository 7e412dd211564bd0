import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

const DEBIAN_FOLDER = "/usr/lib/postgresql";

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
