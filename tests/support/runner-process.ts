/**
 * The app without its web side, as a process of its own beside others on one database: takes its turn at executing
 * runs, says `holding` when it is its turn, and starts no work by itself.
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
