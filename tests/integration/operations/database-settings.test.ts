import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, type DatabaseConnection } from "@db/client";
import { tenants } from "@db/schema";
import { openDatabase } from "~/platform/database.server";

import { createTestDatabase, testDatabaseKind, type TestDatabase } from "../../support/database";
import { createTenant } from "../../support/factories";

describe.runIf(testDatabaseKind() === "postgres")("a database with settings of its own", () => {
  let database: TestDatabase;
  let name: string;
  let opened: DatabaseConnection | undefined;
  beforeEach(async () => {
    database = await createTestDatabase();
    name = new URL(database.url!).pathname.slice(1);
  });
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
    await database.db.execute(sql.raw(`alter database ${name} reset all`));
    await database.close();
  });

  const set = (setting: string, value: string) =>
    database.db.execute(sql.raw(`alter database ${name} set ${setting} = ${value}`));
  const open = async (query = "") =>
    (opened = await openDatabase({ databaseUrl: database.url! + query, dataDir: "" }));

  it.each(["German", "'SQL, DMY'", "'Postgres, YMD'"])("works with datestyle %s", async (style) => {
    await set("datestyle", style);
    await set("timezone", "'Asia/Tokyo'");
    const { db } = await open();
    const tenant = await createTenant(db);
    const [row] = await db.select().from(tenants);
    expect(row!.createdAt.getTime()).toBe(tenant.createdAt.getTime());
    expect(Math.abs(Date.now() - row!.createdAt.getTime())).toBeLessThan(3_600_000);
    const [shown] = await queryRows<{ text: string }>(
      db,
      sql`select '2026-02-03T04:05:06Z'::timestamptz::text as text`,
    );
    expect(shown!.text).toBe("2026-02-03 04:05:06+00");
  });

  it.each([
    ["search_path", "elsewhere", "the search_path of", "set search_path = public;"],
    ["default_transaction_read_only", "on", "default_transaction_read_only is on", "= off;"],
    [
      "default_transaction_isolation",
      "serializable",
      "default_transaction_isolation is",
      "= 'read committed';",
    ],
  ])("is refused by name for %s, with the line that fixes it", async (setting, value, said, remedy) => {
    await set(setting, value);
    await expect(open()).rejects.toMatchObject({
      userMessage: expect.stringContaining(said),
      hint: expect.stringContaining(remedy),
    });
  });

  it("that a newer version has migrated is refused and not changed", async () => {
    await database.db.execute(
      sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('of a later version', 32503680000000)`,
    );
    try {
      await expect(open()).rejects.toMatchObject({
        userMessage: expect.stringContaining("migrated by a newer version"),
        hint: expect.stringContaining("Install that version again"),
      });
    } finally {
      await database.db.execute(
        sql`delete from drizzle.__drizzle_migrations where hash = 'of a later version'`,
      );
    }
  });

  it("is reached by an address as hosted Postgres services and ORMs print it", async () => {
    const { db } = await open(
      "?sslmode=prefer&channel_binding=prefer&gssencmode=disable&pgbouncer=true&schema=public&connection_limit=5&made_up=1",
    );
    expect(await queryRows(db, sql`select 1 as one`)).toEqual([{ one: 1 }]);
  });

  it("names a certificate's file that does not exist", async () => {
    await expect(open("?sslmode=verify-full&sslrootcert=/no/such/root.crt")).rejects.toMatchObject({
      userMessage: expect.stringContaining("/no/such/root.crt"),
    });
  });
});
