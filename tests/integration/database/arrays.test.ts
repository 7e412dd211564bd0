import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { textArray } from "@db/queries/shared/arrays";
import { tenants } from "@db/schema";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createTenant } from "../../support/factories";

const ODD = ["", "NULL", "null", "a,b", "{c}", 'd"e', "f\\g", "\\", "h i", "ü – 漢", "new\nline", "'"];

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

it("arrays of texts come back as they were written, whatever they contain", async () => {
  const { id } = await createTenant(database.db);
  await database.db.update(tenants).set({ notifyEmails: ODD });
  const [row] = await database.db.select().from(tenants);
  expect(row).toMatchObject({ id, notifyEmails: ODD });
  expect(await queryRows(database.db, sql`select notify_emails as texts from tenants`)).toEqual([
    { texts: ODD },
  ]);
});

it("arrays made by a statement are arrays, with missing elements as null", async () => {
  const [row] = await queryRows(
    database.db,
    sql`select ${textArray(ODD)} as texts, array[]::text[] as none, array['a', null] as some, null::text[] as missing`,
  );
  expect(row).toEqual({ texts: ODD, none: [], some: ["a", null], missing: null });
});
