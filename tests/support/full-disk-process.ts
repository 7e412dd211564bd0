/**
 * The app on the embedded database in a process of its own, on a disk with a few free megabytes: writes one row after
 * another, prints `stored <n>` for each stored row, and never ends on its own.
 */
import { statfsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";

import { createApp } from "~/main.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";

const LEFT_BYTES = 2_000_000;

const config = loadConfig(process.env);
const app = await createApp(config, { log: createLogger({ level: "info" }) });
await app.db.execute(sql`create table kept (n int, filler text)`);
const { bavail, bsize } = statfsSync(config.dataDir);
writeFileSync(path.join(config.dataDir, "..", "filler"), Buffer.alloc(bavail * bsize - LEFT_BYTES));
for (let n = 1; ; n++) {
  try {
    await app.db.execute(sql`insert into kept values (${n}, '')`);
    process.stdout.write(`stored ${n}\n`);
    // Fills the database's log without touching the table, until its next file finds no room.
    await app.db.execute(sql`update kept set filler = repeat('x', 500)`);
    await app.db.execute(sql`vacuum kept`);
  } catch {
    // If only the table finds no room, a single statement fails.
    await sleep(1);
  }
}
