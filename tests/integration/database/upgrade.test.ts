import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { queryRows, type Db } from "@db/client";
import { countPendingMigrations, knownMigrationsMs, migrateTo, migrateToLatest } from "@db/migrate";
import { listTables } from "@db/transfer/catalog";
import { restore, verifyBackup } from "~/features/operations/backup";

import { createBlankDatabase } from "../../support/blank-database";
import { testDatabaseKind, type TestDatabase } from "../../support/database";
import { keepRows, putRows, type KeptRows } from "../../support/kept-rows";
import type { SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let database: TestDatabase;
afterEach(() => database.close());

const upgrade = async () => {
  await migrateToLatest({ ...database.connection, kind: "embedded" });
  expect(await countPendingMigrations(database.db)).toBe(0);
};

/** Tables that later versions derive from it: assets as the list shows them. */
const listed = async (db: Db, withText = true) => {
  const rows = await queryRows<{ lines: string[] }>(
    db,
    // The lines of the text have no order.
    sql`select asset_id, l.name_key, status, string_to_array(l.search_text, chr(10)) as lines, agent_status, pending_patches,
          pending_categories, traits, needs_no_agent
        from asset_list l join asset_texts x using (asset_id, search_text) order by asset_id`,
  );
  return rows.map((row) => ({ ...row, lines: withText ? [...row.lines].sort() : [] }));
};

const rowsOf = (kept: KeptRows, table: string) =>
  JSON.parse(kept.find((one) => one.table === table)?.rows ?? "[]") as Record<string, unknown>[];

describe("the database of an older version", () => {
  let world: SyncWorld;
  let rows: KeptRows;
  beforeAll(async () => {
    world = await createSyncedWorld({ devices: 40, seed: 11 });
    rows = await keepRows(world.database.db);
  });
  afterAll(() => world.close());

  /** The rows in those of today's tables and columns that the older schema also had. */
  const olderRows = async (db: Db): Promise<KeptRows> => {
    const shapes = new Map(
      (await listTables(db)).map(({ name, columns }) => [name.replace(/^public\./, ""), columns]),
    );
    return rows.flatMap(({ table, columns, rows: of }) => {
      const had = columns.split(", ").filter((column) => shapes.get(table)?.includes(column));
      return had.length === 0 ? [] : [{ table, columns: had.join(", "), rows: of }];
    });
  };

  // Number of its migrations: the first schema, before the history, before the list, before incidents, the latest.
  const versions = testDatabaseKind() === "postgres" ? [3, 12, 24, 31, 37, 43, -1] : [3, 37];
  it.each(versions)("is upgraded with all its rows, after %i migrations", async (count) => {
    database = await createBlankDatabase();
    await migrateTo(database.db, knownMigrationsMs().at(count === -1 ? -2 : count - 1)!);
    const before = await olderRows(database.db);
    expect(before.length).toBeGreaterThan(8);
    // A later version fills derived tables.
    await putRows(
      database.db,
      before.filter(
        ({ table }) => !["asset_list", "asset_texts", "asset_tags", "asset_changes"].includes(table),
      ),
    );
    await upgrade();
    const after = await keepRows(database.db);
    for (const table of [
      "tenants",
      "clients",
      "assets",
      "asset_details",
      "rmm_device_updates",
      "rmm_sync_runs",
    ])
      expect(rowsOf(after, table), table).toHaveLength(rowsOf(rows, table).length);
    // The next sync writes the keys of MAC addresses, which the twelfth migration added.
    const withText = count === -1 || count >= 12;
    expect(await listed(database.db, withText)).toEqual(await listed(world.database.db, withText));
  });
});

const RELEASES = "tests/fixtures/releases";
const backups = readdirSync(RELEASES).filter((name) => name.endsWith(".backup"));

describe("the backup of a released version", () => {
  it("exists for each version of the changelog", () => {
    database = { close: async () => {} } as TestDatabase;
    const released = [...readFileSync("CHANGELOG.md", "utf8").matchAll(/^## \[?(\d+\.\d+\.\d+)/gm)];
    expect(backups).toEqual(expect.arrayContaining(released.map(([, version]) => `${version}.backup`)));
  });

  it.each(backups)("%s is restored and upgraded, with all its rows", async (name) => {
    const file = path.join(RELEASES, name);
    const { manifest } = await verifyBackup(file);
    database = await createBlankDatabase();
    await restore(database.db, file);
    await upgrade();
    for (const table of ["tenants", "users", "clients", "assets", "rmm_device_updates", "rmm_alerts"]) {
      const [row] = await queryRows<{ n: number }>(
        database.db,
        sql`select count(*)::int as n from ${sql.identifier(table)}`,
      );
      expect(row!.n, table).toBe(manifest.tables[`public.${table}`]!.rows);
    }
    expect(await listed(database.db)).toHaveLength(manifest.tables["public.assets"]!.rows);
  });
});
