import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Db } from "@db/client";
import { planStatements } from "@tests/bench/list-statements";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { createIntegration, createTenant } from "@tests/support/factories";
import { readUnassignedDevices } from "~/features/connections/unassigned-devices.page.server";
import { coverageSearch, readCoverage } from "~/features/coverage/coverage.page.server";

const DEVICES = 3000;

let database: TestDatabase;
let tenantId: string;
let connectionId: string;

/** An account of which no group is mapped yet. Every third name is given twice. */
beforeAll(async () => {
  database = await createTestDatabase();
  const { db } = database;
  tenantId = (await createTenant(db)).id;
  connectionId = (await createIntegration(db, { tenantId })).id;
  await db.execute(sql`
    insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id,
      display_name, skip_reason, content_hash, observed_at)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, 'levelio', 'device-' || n,
      'PC ' || (n - case when n % 3 = 0 then 1 else 0 end), case when n % 2 = 0 then 'unmapped' else 'ungrouped' end,
      '', now()
    from generate_series(1, ${DEVICES}::int) n order by md5(n::text)`);
  await db.execute(sql`analyze`);
});
afterAll(() => database.close());

interface Page {
  rows: { name: string }[];
  total: number;
  next: string | null | undefined;
}

const lists: Record<string, (db: Db, params: URLSearchParams) => Promise<Page>> = {
  "devices without a client": (db, params) =>
    readUnassignedDevices(db, tenantId, connectionId, { reason: undefined, text: undefined }, params),
  "devices without an asset": (db, params) => {
    params.set("kind", "devices");
    return readCoverage(db, tenantId, coverageSearch(params));
  },
};

describe.each(Object.keys(lists))("an account that is not mapped yet: its %s", (name) => {
  const page = (after?: string | null) =>
    lists[name]!(database.db, new URLSearchParams(after == null ? {} : { after }));

  it("are listed by name over all pages, each once", async () => {
    const names: string[] = [];
    for (let at = await page(); ; at = await page(at.next)) {
      expect(at.total).toBe(DEVICES);
      names.push(...at.rows.map((row) => row.name));
      if (at.next == null) break;
    }
    const numbers = Array.from({ length: DEVICES }, (_, n) => ((n + 1) % 3 === 0 ? n : n + 1));
    expect(names).toEqual(numbers.map((n) => `PC ${n}`));
  });

  it("are read by index, no more than a page has", async () => {
    let far = await page();
    for (let n = 0; n < 20; n++) far = await page(far.next);
    for (const after of [null, far.next]) {
      const statements = await planStatements(database.db, tenantId, () => page(after));
      // Counts are read beside the page; its statement is the one that returns its rows.
      const plan = statements.map((one) => one.plan).find((text) => /^.* rows=5[01] loops/.test(text));
      expect(plan).toContain("external_entity_unassigned_idx");
      expect(plan).not.toMatch(/Sort Key/);
      expect(plan).toMatch(/external_entity_unassigned_idx .*rows=5[01] loops/);
    }
  });
});
