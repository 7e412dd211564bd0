import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { connectPools, queryRows, readAtOnce, type DatabaseConnection, type TenantDb } from "@db/client";
import { createTestDatabase, testDatabaseKind, type TestDatabase } from "@tests/support/database";
import { createTenant } from "@tests/support/factories";

let database: TestDatabase;
let tenantId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  tenantId = (await createTenant(database.db, { name: "Contoso" })).id;
});
afterAll(() => database.close());

const nameOf = async (tx: TenantDb) => {
  const [row] = await queryRows<{ name: string }>(tx, sql`select name from tenants`);
  return row?.name;
};

describe("parts of a page that are read at once", () => {
  it("see the rows of their tenant, and come back by their names", async () => {
    await createTenant(database.db, { name: "Fabrikam" });
    const read = await readAtOnce(database.db, tenantId, { one: nameOf, other: () => Promise.resolve(2) });
    expect(read).toEqual({ one: "Contoso", other: 2 });
  });

  it("end together, and say what the first that failed has thrown", async () => {
    let ended = false;
    const reading = readAtOnce(database.db, tenantId, {
      fails: (tx) => queryRows(tx, sql`select 1 / 0`),
      goesOn: async (tx) => {
        await nameOf(tx);
        ended = true;
      },
    });
    await expect(reading).rejects.toMatchObject({ cause: { message: "division by zero" } });
    expect(ended).toBe(true);
  });
});

describe.runIf(testDatabaseKind() === "postgres")("on a server", () => {
  let installation: DatabaseConnection;
  beforeAll(() => {
    installation = connectPools(database.url!, 4);
  });
  afterAll(() => installation.close());

  it("all have begun before any ends", async () => {
    let begun = 0;
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const meet = async (tx: TenantDb) => {
      await nameOf(tx);
      if (++begun === 2) open();
      await gate;
    };
    await readAtOnce(installation.pages!, tenantId, { one: meet, other: meet });
    expect(begun).toBe(2);
  });
});
