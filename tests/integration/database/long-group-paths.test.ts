import { randomBytes } from "node:crypto";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { isDataError } from "@db/errors";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";

/** Letters that do not compress, so that the index stores the full length. */
const long = (bytes: number) => randomBytes(bytes / 2).toString("hex");

describe("long texts in an index", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  it("accepts a group path of any length", async () => {
    await database.db.transaction(async (tx) => {
      await tx.execute(
        sql`create temp table deep (like rmm_organization_mappings including all) on commit drop`,
      );
      await tx.execute(
        sql`insert into deep (id, tenant_id, integration_id, external_id, name, path)
            values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'g', 'g', ${long(20_000)})`,
      );
    });
  });

  it("counts a text that is too long for its index as an error of that record", async () => {
    const refused = await database.db
      .transaction(async (tx) => {
        await tx.execute(sql`create temp table short (word text primary key) on commit drop`);
        await tx.execute(sql`insert into short values (${long(20_000)})`);
      })
      .catch((error: unknown) => error);
    expect(isDataError(refused)).toBe(true);
  });
});
