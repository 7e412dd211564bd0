/**
 * The app without its web side in a process of its own, beside others on one database: takes the lease in turn, prints
 * `holding` when it has it, and starts no work on its own.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { createApp } from "~/main.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";

const app = await createApp(loadConfig(process.env), { log: createLogger({ level: "silent" }) });
await app.jobs.start();
process.stdout.write("started\n");
while (app.jobs.isLeader() !== true) await sleep(20);
process.stdout.write("holding\n");
app.jobs.nudge();
