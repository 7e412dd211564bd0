import "../scripts/lib/heap.mjs";

import { run } from "./run";

await run(process.argv.slice(2));
// A pool or a worker that is still closing must not hold the terminal.
process.exit();
