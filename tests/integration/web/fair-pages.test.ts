import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";

import { connectPools, queryRows, type DatabaseConnection, type Db } from "@db/client";
import { createTestDatabase, testDatabaseKind, type TestDatabase } from "@tests/support/database";
import { createUser } from "@tests/support/factories";
import { createWebWorld, type WebWorld } from "@tests/support/web";

/** More than there are connections for pages. */
const SEARCHES = 30;

// The embedded database has a single connection, on which nothing can wait for another.
const isServer = testDatabaseKind() === "postgres";

let database: TestDatabase;
let connection: DatabaseConnection;
let web: WebWorld;
beforeAll(async () => {
  if (!isServer) return;
  database = await createTestDatabase();
  connection = connectPools(database.url!, 10);
  web = await createWebWorld({}, { ...connection, url: database.url! });
});
afterAll(async () => {
  if (!isServer) return;
  await web.close();
  await connection.close();
  await database.close();
});

/** Has searches wait for a lock, as they would work for long, while `meanwhile` is done. */
async function whileSearching(
  search: () => Promise<{ status: number }>,
  meanwhile: (waiting: number) => Promise<void>,
): Promise<number[]> {
  const waiting = async (db: Db) => {
    const [row] = await queryRows<{ n: number }>(
      db,
      sql`select count(*)::int as n from pg_locks where not granted and relation = 'asset_texts'::regclass`,
    );
    return row!.n;
  };
  const searches = await database.db.transaction(async (tx) => {
    await tx.execute(sql`lock table asset_texts in access exclusive mode`);
    const begun = Array.from({ length: SEARCHES }, search);
    await expect.poll(() => waiting(tx)).toBeGreaterThan(0);
    await meanwhile(await waiting(tx));
    return { begun };
  });
  return (await Promise.all(searches.begun)).map(({ status }) => status);
}

const allAnswered = Array.from({ length: SEARCHES }, () => 200);

it.runIf(isServer)("somebody whose searches all take long holds up nobody else's page", async () => {
  const tenant = await web.tenant();
  const searching = await web.signedIn(
    await createUser(database.db, { tenantId: tenant.id, email: "searching@example.com" }),
  );
  const statuses = await whileSearching(
    () => searching.get("/search?q=desktop"),
    async (waiting) => {
      expect(waiting).toBeLessThanOrEqual(2);
      for (const page of ["/settings/people", "/runs"])
        expect((await tenant.as.admin.get(page)).status).toBe(200);
    },
  );
  expect(statuses).toEqual(allAnswered);
});

it.runIf(isServer)("a company whose people all search holds up no other company's page", async () => {
  const [busy, other] = [await web.tenant(), await web.tenant()];
  const people = Object.values(busy.as);
  let n = 0;
  const statuses = await whileSearching(
    () => people[n++ % people.length]!.get("/search?q=desktop"),
    async () => {
      for (const page of ["/settings/people", "/runs"])
        expect((await other.as.admin.get(page)).status).toBe(200);
    },
  );
  expect(statuses).toEqual(allAnswered);
});
