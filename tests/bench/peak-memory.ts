import "../../scripts/lib/heap.mjs";

import { createWorld } from "./world";

/**
 * Run as a process of its own: one full sync, then one line of JSON with the process's peak memory.
 * Arguments: simulator's URL, its key, the Postgres server's URL.
 */
const [url, apiKey, postgresUrl] = process.argv.slice(2) as [string, string, string];
const world = await createWorld({ api: { url, apiKey }, postgresUrl });
const { run } = await world.fullSync("inngest");
// With --expose-gc: separates what the sync retained from what the collector had not yet freed.
(globalThis as { gc?: () => void }).gc?.();
const retainedMb = process.memoryUsage().heapUsed / 2 ** 20;
await world.close();
// Linux counts maxRSS in kilobytes.
process.stdout.write(
  `${JSON.stringify({ devices: run.itemsSeen, peakMb: process.resourceUsage().maxRSS / 1024, retainedMb })}\n`,
);
process.exit();
