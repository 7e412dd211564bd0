import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";

import { queryRows, type Db } from "@db/client";
import { testDatabaseKind } from "@tests/support/database";
import { createUser } from "@tests/support/factories";
import { createWebWorld, type WebWorld } from "@tests/support/web";

/** More than there are connections for pages. */
const SEARCHES = 30;

let web: WebWorld;
beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());

// The embedded database has a single connection, on which nothing can wait for another.
it.skipIf(testDatabaseKind() === "embedded")(
  "somebody whose searches all take long holds up nobody else's page",
  async () => {
    const tenant = await web.tenant();
    const searching = await web.signedIn(
      await createUser(web.database.db, { tenantId: tenant.id, email: "searching@example.com" }),
    );
    const waiting = (db: Db) =>
      queryRows<{ n: number }>(
        db,
        sql`select count(*)::int as n from pg_locks where not granted and relation = 'rmm_alerts'::regclass`,
      );
    let searches: Promise<{ status: number }>[] = [];
    await web.database.db.transaction(async (tx) => {
      // Their statements wait for as long as this lasts, as those that read a long history would work.
      await tx.execute(sql`lock table rmm_alerts in access exclusive mode`);
      searches = Array.from({ length: SEARCHES }, () => searching.get("/search?q=desktop"));
      await expect.poll(async () => (await waiting(tx))[0]!.n).toBeGreaterThan(0);
      const page = await tenant.as.admin.get("/settings/people");
      expect(page.status).toBe(200);
    });
    expect((await Promise.all(searches)).map(({ status }) => status)).toEqual(
      Array.from({ length: SEARCHES }, () => 200),
    );
  },
);
