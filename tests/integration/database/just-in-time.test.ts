import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows, withTenant, type Db } from "@db/client";
import { markAsPages } from "@db/page-statements";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { createTenant } from "@tests/support/factories";

describe("just-in-time compilation", () => {
  let database: TestDatabase;
  let tenantId: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    ({ id: tenantId } = await createTenant(database.db));
  });
  afterAll(() => database.close());

  /** The setting in a tenant's transaction, on a server with compilation on. */
  const settingWithin = (prepare: (tx: Db) => void) =>
    database.db.transaction(async (tx) => {
      await tx.execute(sql`set local jit = on`);
      prepare(tx);
      const [row] = await withTenant(tx, tenantId, (inner) =>
        queryRows<{ jit: string }>(inner, sql`show jit`),
      );
      return row!.jit;
    });

  it("is off for a sync's statements", async () => {
    expect(await settingWithin(() => {})).toBe("off");
  });

  it("is off for a page's statements", async () => {
    const asPages = (tx: Db) => markAsPages(tx, { cancelBy: database.db, timeoutMs: 15_000 });
    expect(await settingWithin(asPages)).toBe("off");
  });
});
