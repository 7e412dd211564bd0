import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { connectPostgres, queryRows, withTenant } from "@db/client";
import { migrateToLatest } from "@db/migrate";
import { clients, tenants } from "@db/schema";

import { createTestDatabase, testDatabaseKind } from "../../support/database";
import { createSyncWorld, type SyncWorld } from "../../support/sync";

const isServer = testDatabaseKind() === "postgres";

describe.runIf(isServer)("a sync", () => {
  let world: SyncWorld;
  beforeEach(async () => {
    world = await createSyncWorld({
      devices: 230,
      seed: 4,
      retryDelayMs: () => 0,
    });
    await world.sync("organizations");
    await world.mapAll();
  });
  afterEach(async () => {
    await world.database.db.execute(sql`drop function fault cascade`);
    await world.database.db.execute(sql`drop sequence faults`);
    await world.close();
  });

  /** The writing of the second and the fourth page ends this way; a sequence also counts what is rolled back. */
  async function faultWhileWriting(statement: string): Promise<void> {
    const { db } = world.database;
    await db.execute(sql`create sequence faults`);
    await db.execute(
      sql`create function fault() returns trigger language plpgsql security definer as ${sql.raw(`$$
      begin
        if nextval('faults') in (2, 4) then ${statement} end if;
        return new;
      end $$`)}`,
    );
    await db.execute(sql`create trigger fault before insert on rmm_sync_run_pages
      for each row execute function fault()`);
  }

  it.each([
    ["Postgres' disk is full", `raise 'no space left on device' using errcode = '53100';`],
    ["Postgres is killed", `perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(1);`],
  ])("continues where it was and loses nothing if %s twice on its way", async (_, statement) => {
    await faultWhileWriting(statement);
    expect(await world.sync("full")).toMatchObject({
      status: "completed",
      itemsSeen: 230,
      itemsFailed: 0,
      itemsGone: 0,
    });
    const [{ faults }] = (await queryRows(
      world.database.db,
      sql`select last_value::int as faults from faults`,
    )) as [{ faults: number }];
    expect(faults).toBeGreaterThan(4);
    expect(await world.deviceRows()).toHaveLength(230);
  });
});

describe.runIf(isServer)("two installations in one cluster", () => {
  it("act for their tenants beside each other, even if both are started again", async () => {
    const both = [await createTestDatabase(), await createTestDatabase()];
    try {
      const tenantId = "00000000-0000-7000-8000-000000000001";
      for (const [n, { db }] of both.entries()) {
        await db.insert(tenants).values({ id: tenantId, slug: "acme", name: "Acme" });
        await db.insert(clients).values({ tenantId, name: `Of installation ${n}` });
      }
      await Promise.all(
        both.map(async ({ url }) => {
          const again = connectPostgres(url!, { poolSize: 1 });
          await migrateToLatest(again).finally(() => again.close());
        }),
      );
      for (const [n, { db }] of both.entries()) {
        const seen = await withTenant(db, tenantId, (tx) => tx.select({ name: clients.name }).from(clients));
        expect(seen).toEqual([{ name: `Of installation ${n}` }]);
      }
    } finally {
      for (const { close } of both) await close();
    }
  });
});

it("a device of 5 MB is synced like any other", async () => {
  const world = await createSyncWorld({ devices: 30, seed: 4 });
  try {
    await world.sync("organizations");
    await world.mapAll();
    const device = [...world.simulator.account.devices][7]!;
    world.simulator.account.patchDevice(device.id, {
      notes: "x".repeat(5 * 2 ** 20),
    });
    const run = await world.sync("full");
    expect(run).toMatchObject({ itemsSeen: 30, itemsFailed: 0 });
    const rows = await world.deviceRows();
    expect(rows).toHaveLength(30);
    expect(rows.find((row) => row["external_id"] === device.id)!["content_hash"]).not.toBe("");
  } finally {
    await world.close();
  }
});
