import "../lib/heap.mjs";

import { explainError } from "../lib/explain-error.mjs";
import { readOptions } from "./options";

try {
  const options = readOptions(process.argv.slice(2));
  // Loading the app takes seconds: a wrong option is refused before.
  const { demo } = await import("./demo");
  await demo(options);
} catch (error) {
  process.stderr.write(`${explainError(error) ?? (error instanceof Error ? error.stack : String(error))}\n`);
  process.exit(1);
}
