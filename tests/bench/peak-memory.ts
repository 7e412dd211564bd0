import { createWorld } from "./world";

/**
 * Run as a process of its own: one full sync, then one line of JSON with the process's peak memory.
 * Arguments: simulator's URL, its key, the Postgres server's URL.
 */
const [url, apiKey, postgresUrl] = process.argv.slice(2) as [string, string, string];
const world = await createWorld({ api: { url, apiKey }, postgresUrl });
const { run } = await world.fullSync("inngest");
await world.close();
// Linux counts maxRSS in kilobytes.
process.stdout.write(
  `${JSON.stringify({ devices: run.itemsSeen, peakMb: process.resourceUsage().maxRSS / 1024 })}\n`,
);
process.exit();
