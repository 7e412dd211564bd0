import path from "node:path";
import { fileURLToPath } from "node:url";

/** The root folder of the project, whatever folder the command was started in. */
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The absolute path of a file inside the project. */
export const inProject = (...parts) => path.join(root, ...parts);

/** A failure that needs no stack: its message says what went wrong and what to do. */
export class SetupError extends Error {
  name = "SetupError";
}

/** Runs an entry point. Prints a failure as its message and sets exit code 1. */
export async function main(work) {
  try {
    process.chdir(root);
    await work();
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    process.exitCode = 1;
  }
}
