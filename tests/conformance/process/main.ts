import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";

import { connectPostgres, queryRows, type Db } from "@db/client";
import { openEmbedded } from "@db/embedded/open";

import { openJournal, openProcessApp } from "./app";

/** A process that executes runs until one has ended, or kills itself with SIGKILL at a word of the journal. */
export interface ProcessOptions {
  databaseUrl?: string | undefined;
  dataDir?: string | undefined;
  journalFile: string;
  who: string;
  /** The event to send at the start. */
  send?: string | undefined;
  killAt?: string | undefined;
}

const options = JSON.parse(process.argv[2]!) as ProcessOptions;
const connection =
  options.databaseUrl === undefined
    ? await openEmbedded({ dataDir: options.dataDir! })
    : connectPostgres(options.databaseUrl);

const journal = openJournal(options.journalFile, (word) => {
  if (word === options.killAt) process.kill(process.pid, "SIGKILL");
});
const { client, runner } = openProcessApp(connection.db, journal, options.who);
if (options.send !== undefined) {
  await client.send({ name: options.send });
  journal.note("accepted");
}
await runner.start();
for (;;) {
  if (await exists(connection.db, sql`select 1 from runner.steps where state = 'sleeping'`))
    journal.note("asleep");
  if (await exists(connection.db, sql`select 1 from runner.runs where ended_at is not null`)) break;
  await sleep(50);
}
journal.note(`${options.who} saw the end`);
// Stays as standby or leader until it is asked to stop.
process.once("SIGTERM", () => void runner.stop().then(() => connection.close()));

async function exists(db: Db, query: ReturnType<typeof sql>): Promise<boolean> {
  return (await queryRows(db, query)).length > 0;
}
