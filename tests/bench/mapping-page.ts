import { randomBytes } from "node:crypto";

import { connectPostgres } from "@db/client";
import { migrateToLatest } from "@db/migrate";
import { loadConfig } from "~/platform/env.server";
import { startSession } from "~/auth/session.server";

import { BuiltServer, freePort } from "../support/built-server";
import { administer, databaseUrl } from "../support/database-templates";
import { createTenant, createUser } from "../support/factories";
import { createLargeMapping } from "../support/large-mapping";

const TIMES = 15;
const APP_SECRET = "a-secret-for-the-benchmark-of-32-characters";

/** Milliseconds of the mapping page, from the request to the last byte: the median of several, without the first. */
export async function measureMappingPage(groups: number, postgresUrl: string): Promise<number> {
  const name = `bench_${randomBytes(5).toString("hex")}`;
  await administer(postgresUrl, (sql) => sql.unsafe(`create database ${name}`));
  const url = databaseUrl(postgresUrl, name);
  const first = connectPostgres(url, { poolSize: 1 });
  await migrateToLatest(first).finally(() => first.close());
  const connection = connectPostgres(url);
  const { db } = connection;
  const { id: tenantId } = await createTenant(db);
  const address = await createLargeMapping(db, tenantId, groups);
  const port = await freePort();
  const config = loadConfig({ APP_SECRET, PUBLIC_URL: `http://127.0.0.1:${port}` });
  const admin = await createUser(db, { tenantId });
  const session = await startSession({ config, db, clock: () => new Date() }, admin, {
    ip: null,
    userAgent: null,
  });
  const server = new BuiltServer(port, { DATABASE_URL: url, APP_SECRET, PUBLIC_URL: config.publicUrl });
  await server.start();
  const times: number[] = [];
  for (let n = 0; n <= TIMES; n++) {
    const begunAt = performance.now();
    const response = await fetch(server.url + address, { headers: { cookie: session.split(";")[0]! } });
    const html = await response.text();
    if (!html.includes("Customer number"))
      throw new Error(`The mapping page was answered ${response.status}.`);
    if (n > 0) times.push(performance.now() - begunAt);
  }
  await server.stop();
  await connection.close();
  await administer(postgresUrl, (sql) => sql.unsafe(`drop database ${name} with (force)`));
  return times.sort((a, b) => a - b)[TIMES >> 1]!;
}
