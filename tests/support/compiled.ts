import { rmSync } from "node:fs";
import path from "node:path";

import { buildSync } from "esbuild";

const compiled = new Map<string, string>();

/**
 * Compiles a program of the tests and what it imports of ours into one file that Node starts as it is. A process that
 * loads 400 sources through tsx works for three seconds before its first line; a test starts up to eight.
 * @param program its path, from the root of the project
 * @returns the file, which ends with this process
 */
export function compileProgram(program: string): string {
  const known = compiled.get(program);
  if (known !== undefined) return known;
  // Below the project, so that Node finds its packages.
  const file = path.resolve(".tmp", "programs", `${path.basename(program, ".ts")}-${process.pid}.mjs`);
  buildSync({
    entryPoints: [program],
    outfile: file,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "error",
  });
  process.once("exit", () => rmSync(file, { force: true }));
  compiled.set(program, file);
  return file;
}
