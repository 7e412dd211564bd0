import { readFileSync } from "node:fs";
import path from "node:path";

/** The version of this installation, from its package.json. */
export const productVersion = (): string =>
  (JSON.parse(readFileSync(path.resolve("package.json"), "utf8")) as { version: string }).version;
