import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { clients, tenants } from "@db/schema";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";

describe("row-level security", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  it("is on for every table of the public schema, with a policy for the tenant role", async () => {
    const tables = await queryRows<{ name: string; enabled: boolean; policies: string[] }>(
      database.db,
      sql`select c.relname as name, c.relrowsecurity as enabled,
                 coalesce(array_agg(p.policyname::text) filter (where 'plumbline_tenant' = any (p.roles)), '{}') as policies
          from pg_class c
          left join pg_policies p on p.schemaname = 'public' and p.tablename = c.relname
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          group by c.relname, c.relrowsecurity`,
    );
    expect(tables.length).toBeGreaterThan(15);
    expect(tables.filter((table) => !table.enabled || table.policies.length === 0)).toEqual([]);
  });

  it("hides the rows of other tenants and refuses to write them", async () => {
    const [mine, other] = await database.db
      .insert(tenants)
      .values([
        { slug: "mine", name: "Mine" },
        { slug: "other", name: "Other" },
      ])
      .returning();
    await database.db.insert(clients).values([
      { tenantId: mine!.id, name: "Acme" },
      { tenantId: other!.id, name: "Globex" },
    ]);

    const seen = await withTenant(database.db, mine!.id, (tx) =>
      tx.select({ name: clients.name }).from(clients),
    );
    expect(seen).toEqual([{ name: "Acme" }]);

    const intrusion = withTenant(database.db, mine!.id, (tx) =>
      tx.insert(clients).values({ tenantId: other!.id, name: "Intruder" }),
    );
    await expect(intrusion).rejects.toMatchObject({ cause: { code: "42501" } });
  });

  it("shows nothing at all without a tenant", async () => {
    const seen = await database.db.transaction(async (tx) => {
      await tx.execute(sql`select set_config('role', 'plumbline_tenant', true)`);
      return tx.select().from(clients);
    });
    expect(seen).toEqual([]);
  });
});
