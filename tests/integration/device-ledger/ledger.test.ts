import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { compareCounts, listLedgerEntries, listLedgerSeries } from "@db/queries/device-ledger/ledger";
import { recordLedger } from "@db/queries/device-ledger/record";
import { assets } from "@db/schema";
import { dayOf } from "@domain/device-ledger";
import { DAY_MS } from "@domain/durations";
import { eq } from "drizzle-orm";

import { createAsset, createClient, createTenant } from "../../support/factories";
import { createTestDatabase, type TestDatabase } from "../../support/database";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const START = Date.parse("2026-08-30T10:00:00Z");
const dayAt = (day: number) => dayOf(new Date(START + day * DAY_MS));
const everything = { clientId: undefined, type: undefined };

async function openTenant() {
  const { db } = database;
  const { id: tenantId } = await createTenant(db);
  const clients = [
    (await createClient(db, { tenantId })).id,
    (await createClient(db, { tenantId })).id,
    null,
  ] as const;
  const inTenant = <T>(work: Parameters<typeof withTenant<T>>[2]) => withTenant(db, tenantId, work);
  return {
    tenantId,
    clients,
    add: (fields: Partial<typeof assets.$inferInsert> = {}) =>
      createAsset(db, { tenantId, clientId: clients[0], ...fields }),
    change: (id: string, set: Partial<typeof assets.$inferInsert>) =>
      db.update(assets).set(set).where(eq(assets.id, id)),
    remove: (id: string) => db.delete(assets).where(eq(assets.id, id)),
    record: (day: number) => inTenant((tx) => recordLedger(tx, tenantId, new Date(START + day * DAY_MS))),
    compare: (from: number, to: number, filter: Parameters<typeof compareCounts>[3] = everything) =>
      inTenant((tx) => compareCounts(tx, tenantId, { since: dayAt(from), until: dayAt(to) }, filter)),
    entries: (from: number, to: number) =>
      inTenant((tx) =>
        listLedgerEntries(tx, tenantId, { since: dayAt(from), until: dayAt(to) }, everything, {
          before: undefined,
          limit: 1000,
        }),
      ),
    inTenant,
  };
}

const steps = fc.array(
  fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("add" as const), client: fc.nat(2), server: fc.boolean() }),
      fc.record({ kind: fc.constant("move" as const), asset: fc.nat(9), client: fc.nat(2) }),
      fc.record({ kind: fc.constant("retype" as const), asset: fc.nat(9), server: fc.boolean() }),
      fc.record({
        kind: fc.constant("status" as const),
        asset: fc.nat(9),
        status: fc.constantFrom("active" as const, "gone" as const, "retired" as const),
      }),
      fc.record({ kind: fc.constant("remove" as const), asset: fc.nat(9) }),
    ),
    { maxLength: 6 },
  ),
  { minLength: 2, maxLength: 8 },
);

describe("the device counts", () => {
  it("differ between any two days by the sum of the changes between, for each client and type", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (days) => {
        const world = await openTenant();
        const ids: string[] = [];
        for (const [day, actions] of days.entries()) {
          for (const action of actions) {
            if (action.kind === "add") {
              const assetType = action.server ? "server" : "workstation";
              ids.push((await world.add({ clientId: world.clients[action.client]!, assetType })).id);
              continue;
            }
            const id = ids[action.asset % Math.max(1, ids.length)];
            if (id === undefined) continue;
            if (action.kind === "move") await world.change(id, { clientId: world.clients[action.client]! });
            if (action.kind === "retype")
              await world.change(id, { assetType: action.server ? "server" : "workstation" });
            if (action.kind === "status") await world.change(id, { status: action.status });
            if (action.kind === "remove") await world.remove(id);
          }
          await world.record(day);
        }
        const [from, to] = [days.length > 2 ? 1 : 0, days.length - 1];
        for (const row of await world.compare(from, to))
          expect(row.before + row.joined - row.left).toBe(row.after);
        // What was counted is what is there.
        const actual = await database.db.execute(sql`
          select count(*)::int as n from assets where tenant_id = ${world.tenantId} and status = 'active'`);
        const counted = (await world.compare(0, to)).reduce((sum, { after }) => sum + after, 0);
        expect(counted).toBe((actual as unknown as { n: number }[])[0]!.n);
      }),
      { numRuns: 25 },
    );
  });

  it("name every device that came, moved, changed its type and left", async () => {
    const world = await openTenant();
    const [a, b, c] = [
      await world.add({ name: "A" }),
      await world.add({ name: "B", assetType: "server" }),
      await world.add({ name: "C" }),
    ];
    await world.record(0);
    await world.change(a.id, { clientId: world.clients[1] });
    await world.change(b.id, { assetType: "workstation" });
    await world.remove(c.id);
    await world.record(1);
    expect(
      (await world.entries(1, 1)).map(({ name, change, reason }) => [name, change, reason]).sort(),
    ).toEqual([
      ["A", -1, "moved"],
      ["A", 1, "moved"],
      ["B", -1, "retyped"],
      ["B", 1, "retyped"],
      ["C", -1, "removed"],
    ]);
    await world.change(a.id, { status: "gone" });
    await world.record(2);
    await world.change(a.id, { status: "active" });
    await world.record(3);
    const later = (await world.entries(2, 3)).map(({ day, name, change, reason }) => [
      day,
      name,
      change,
      reason,
    ]);
    expect(later).toEqual([
      [dayAt(3), "A", 1, "added"],
      [dayAt(2), "A", -1, "gone"],
    ]);
  });

  it("write nothing if nothing has changed, and one entry if two syncs end at once", async () => {
    const world = await openTenant();
    await world.add();
    await Promise.all([world.record(0), world.record(0)]);
    expect(await world.entries(0, 0)).toHaveLength(1);
    const versions = () =>
      database.db.execute(
        sql`select xmin::text from ledger_days where tenant_id = ${world.tenantId}
            union all select xmin::text from ledger_members where tenant_id = ${world.tenantId}`,
      );
    const before = [...(await versions())];
    await world.record(0);
    expect([...(await versions())]).toEqual(before);
  });

  it("continue with the latest day if the clock is set back", async () => {
    const world = await openTenant();
    await world.add();
    await world.record(5);
    await world.add();
    await world.record(2);
    const series = await world.inTenant((tx) => listLedgerSeries(tx, world.tenantId, dayAt(0), everything));
    expect(series.map(({ day, workstations }) => [day, workstations])).toEqual([[dayAt(5), 2]]);
  });

  it("of a locked month cannot be changed, because the database refuses it", async () => {
    const world = await openTenant();
    await world.add();
    await world.record(0);
    const { db } = database;
    await db.execute(sql`insert into ledger_locks (tenant_id, month, locked_by, locked_at)
      values (${world.tenantId}, '2026-08-01', 'Ada', now())`);
    for (const change of [
      sql`update ledger_days set devices = 7 where tenant_id = ${world.tenantId}`,
      sql`delete from ledger_days where tenant_id = ${world.tenantId}`,
      sql`delete from ledger_entries where tenant_id = ${world.tenantId}`,
      sql`update ledger_entries set name = 'x' where tenant_id = ${world.tenantId}`,
      sql`update ledger_days set day = '2026-09-05' where tenant_id = ${world.tenantId}`,
    ])
      await expect(db.execute(change)).rejects.toThrow();
    // The next month continues, and the tenant can still be deleted.
    await world.add();
    await world.record(2);
    expect((await world.compare(2, 2))[0]).toMatchObject({ before: 1, after: 2, joined: 1, left: 0 });
    await db.execute(sql`delete from tenants where id = ${world.tenantId}`);
  });
});
