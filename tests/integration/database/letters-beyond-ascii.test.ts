import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

import { sql } from "drizzle-orm";
import { describe, expect, inject, it } from "vitest";

import { connectPostgres, queryRows, withTenant, type Db } from "@db/client";
import { migrateToLatest } from "@db/migrate";
import { listClientSummaries } from "@db/queries/clients/client-summaries";
import { isNameTaken } from "@db/queries/clients/clients";
import { findOrCreateClients } from "@db/queries/mapping/mapping";
import { clients } from "@db/schema";

import { createTestDatabase } from "../../support/database";
import { administer, databaseUrl } from "../../support/database-templates";
import { createTenant } from "../../support/factories";

/** Runs `work` in a database of its own with this locale. */
async function underLocale(locale: string, work: (db: Db) => Promise<void>): Promise<void> {
  const { url } = inject("postgresTemplate");
  const name = `plumbline_c_${randomBytes(6).toString("hex")}`;
  await administer(url, (admin) =>
    admin.unsafe(`create database ${name} encoding 'UTF8' ${locale} template template0`),
  );
  const connection = connectPostgres(databaseUrl(url, name), { poolSize: 1 });
  try {
    await migrateToLatest(connection);
    await work(connection.db);
  } finally {
    await connection.close();
    await administer(url, (admin) => admin.unsafe(`drop database ${name}`));
  }
}

/** In the locale C letters beyond ASCII have no case. */
const underLocaleC = (work: (db: Db) => Promise<void>) => underLocale("lc_collate 'C' lc_ctype 'C'", work);

async function inUsualDatabase(work: (db: Db) => Promise<void>): Promise<void> {
  const database = await createTestDatabase();
  await work(database.db).finally(() => database.close());
}

describe.each([
  ["of the usual locale", inUsualDatabase],
  ["of the locale C", underLocaleC],
])("in a database %s", (_, within) => {
  it("names that differ only in case or Unicode form are one client", () =>
    within(async (db) => {
      const { id: tenantId } = await createTenant(db);
      const made = await withTenant(db, tenantId, (tx) =>
        findOrCreateClients(tx, tenantId, [
          "ÄRZTEHAUS MÜLLER",
          "Ärztehaus Müller",
          "Cafe\u0301",
          "café",
          "ΟΔΟΣ",
          "οδος",
        ]),
      );
      expect(made.created).toHaveLength(3);
      expect(new Set(made.byName.values()).size).toBe(3);
      await withTenant(db, tenantId, async (tx) => {
        expect(await isNameTaken(tx, tenantId, "ärztehaus MÜLLER", crypto.randomUUID())).toBe(true);
        expect(await isNameTaken(tx, tenantId, "Arztehaus Muller", crypto.randomUUID())).toBe(false);
      });
    }));

  it("a search finds letters in either case and form", () =>
    within(async (db) => {
      const { id: tenantId } = await createTenant(db);
      const found = (text: string) =>
        withTenant(db, tenantId, async (tx) =>
          (
            await listClientSummaries(
              tx,
              tenantId,
              { archived: false, text },
              { sort: "name", isReversed: false },
              { after: undefined, limit: 9 },
              new Date(),
            )
          ).map((row) => row.name),
        );
      await withTenant(db, tenantId, (tx) =>
        findOrCreateClients(tx, tenantId, ["MÜLLER-PC", "ЗАВОД", "50 % off"]),
      );
      expect(await found("müller")).toEqual(["MÜLLER-PC"]);
      expect(await found("mu\u0308ller")).toEqual(["MÜLLER-PC"]);
      expect(await found("завод")).toEqual(["ЗАВОД"]);
      expect(await found("0 %")).toEqual(["50 % off"]);
      expect(await found("muller")).toEqual([]);
    }));
});

it("clients that an older version stored as two are kept, and the later one's name says so", () =>
  underLocaleC(async (db) => {
    await db.execute(sql`drop function fold_text cascade`);
    await db.execute(
      sql`create unique index clients_active_name_key on clients (tenant_id, lower(name)) where archived_at is null`,
    );
    const { id: tenantId } = await createTenant(db);
    await withTenant(db, tenantId, async (tx) => {
      for (const [last, name] of [
        [1, "MÜLLER"],
        [2, "Müller"],
        [3, "Other"],
      ] as const)
        await tx.insert(clients).values({
          id: `01900000-0000-7000-8000-00000000000${last}`,
          tenantId,
          name,
        });
    });
    const migration = readFileSync("db/migrations/0021_fold_text.sql", "utf8");
    for (const statement of migration.split("--> statement-breakpoint")) await db.execute(sql.raw(statement));
    expect(await queryRows(db, sql`select name from clients order by id`)).toEqual([
      { name: "MÜLLER" },
      { name: "Müller (000002)" },
      { name: "Other" },
    ]);
  }));

it("in a Turkish database, I and i are one letter, as in the app", () =>
  underLocale("lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8' locale_provider icu icu_locale 'tr'", async (db) => {
    const { id: tenantId } = await createTenant(db);
    const made = await withTenant(db, tenantId, (tx) =>
      findOrCreateClients(tx, tenantId, ["IT Shop", "it shop"]),
    );
    expect(made.created).toHaveLength(1);
    await withTenant(db, tenantId, async (tx) =>
      expect(await isNameTaken(tx, tenantId, "IT SHOP", crypto.randomUUID())).toBe(true),
    );
  }));
