import "../scripts/lib/heap.mjs";

import { run } from "./run";

await run(process.argv.slice(2));
// A pool or worker that is still closing must not block the terminal.
process.exit();
