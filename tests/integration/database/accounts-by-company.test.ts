import { readFileSync } from "node:fs";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { createTenant, createUser } from "@tests/support/factories";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const MIGRATION = "db/migrations/0018_accounts_by_company.sql";

describe("an installation with people, migrated to accounts by company", () => {
  it("keeps everybody, and accepts the same address at another company, but not twice at one", async () => {
    const { db } = database;
    await db.execute(sql`
      drop index users_tenant_email_key, users_email_idx;
      alter table users drop column sign_in_locked_until, drop column sign_in_unlocked_at;
      create unique index users_email_key on users (lower(email));
      create index users_tenant_idx on users (tenant_id)`);
    const [one, two] = [await createTenant(db), await createTenant(db)];
    await db.execute(sql`
      insert into users (id, tenant_id, email, name, role, password_hash)
      values (gen_random_uuid(), ${one.id}, 'Ada@example.com', 'Ada', 'admin', 'a hash')`);

    for (const statement of readFileSync(MIGRATION, "utf8").split("--> statement-breakpoint"))
      await db.execute(sql.raw(statement));

    await createUser(db, { tenantId: two.id, email: "ada@example.com" });
    await expect(createUser(db, { tenantId: one.id, email: "ADA@example.com" })).rejects.toThrow();
    expect(
      await queryRows(db, sql`select email, password_hash from users where tenant_id = ${one.id}`),
    ).toEqual([{ email: "Ada@example.com", password_hash: "a hash" }]);
  });
});
