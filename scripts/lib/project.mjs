import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project, wherever a command was started. */
const root = fileURLToPath(new URL("../..", import.meta.url));

/** A path inside the project. */
export const inProject = (...parts) => path.join(root, ...parts);

/** A failure that needs no stack: what went wrong, and what to do. */
export class SetupError extends Error {
  name = "SetupError";
}

/** Runs an entry point; a failure becomes its message on one or a few lines and exit code 1. */
export async function main(work) {
  try {
    process.chdir(root);
    await work();
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    process.exitCode = 1;
  }
}
