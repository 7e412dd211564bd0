import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from "vitest";

import { queryRows, withTenant, type Db } from "@db/client";
import { knownMigrationsMs, migrateTo, migrateToLatest } from "@db/migrate";
import { assets, clients, tenants } from "@db/schema";
import { listTables } from "@db/transfer/catalog";
import { loadSnapshot } from "@db/transfer/load";
import { withSnapshot } from "@db/transfer/snapshot";
import { backUp, moveDatabase, restore, verifyBackup } from "~/features/operations/backup";

import { openEmbedded } from "@db/embedded/open";
import { createBlankDatabase } from "../../support/blank-database";
import { runCommand } from "../../support/cli";
import { createTestDatabase, testDatabaseKind, type TestDatabase } from "../../support/database";
import { createClient } from "../../support/factories";
import { keepRows } from "../../support/kept-rows";
import { openSyncWorld, TEST_APP_SECRET, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

const about = { version: "0.1.0", takenAt: "2026-11-28T12:00:00.000Z" };

/** Text that the format of COPY must escape, and null and missing values that JSON cannot tell apart. */
const AWKWARD = 'tab\there, line\nbreak, \\N, \\., "quoted", é, 猫';

let world: SyncWorld;
let folder: string;
let backup: string;
/** Shared by tests that leave it unchanged, because making an embedded database takes seconds. */
let empty: TestDatabase;
/** On Postgres: an embedded database with the rows of the backup, shared in the same way, and a dump of it. */
let embedded: TestDatabase;
let embeddedDump: string;
const opened: TestDatabase[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "plumbline-backup-"));
  backup = path.join(folder, "whole.backup");
  world = await createSyncedWorld({ devices: 60, seed: 5 });
  const { db } = world.database;
  const [asset] = await db.select().from(assets).limit(1);
  await db.update(assets).set({ notes: AWKWARD }).where(eq(assets.id, asset!.id));
  await db.execute(sql`insert into asset_changes (tenant_id, asset_id, field, before, after, changed_at)
    values (${world.tenantId}, ${asset!.id}, 'notes', 'null'::jsonb, null, now())`);
  await backUp(db, backup, about);
  empty = await createBlankDatabase();
  if (testDatabaseKind() === "postgres") {
    const restored = await openEmbedded();
    embedded = { ...restored, connection: restored, kind: "embedded" };
    await restore(embedded.db, backup);
    embeddedDump = path.join(folder, "embedded.tar");
    writeFileSync(embeddedDump, await restored.dump());
  }
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});
afterAll(async () => {
  await empty.close();
  await embedded?.close();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const blank = async (kind = testDatabaseKind()) => {
  const database = await createBlankDatabase(kind);
  opened.push(database);
  return database;
};

/** Everything by which two databases could differ. */
const contents = async (db: Db) => ({
  rows: (await keepRows(db))
    .map(({ table, columns, rows }) => ({
      table,
      columns,
      rows: (JSON.parse(rows) as unknown[]).map((row) => JSON.stringify(row)).sort(),
    }))
    .sort((a, b) => (a.table < b.table ? -1 : 1)),
  // JSON has one word for two values.
  nulls: await queryRows(
    db,
    sql`select count(*) filter (where before = 'null')::int as json, count(*) filter (where before is null)::int as sql
        from asset_changes`,
  ),
  rules: await queryRows(
    db,
    sql`select 'trigger' as kind, tgrelid::regclass::text as "table", tgname as name, tgenabled::text as definition
        from pg_trigger where not tgisinternal
        union all
        select contype::text, conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
        where connamespace in ('public'::regnamespace, 'runner'::regnamespace) and contype <> 'n'
        union all
        select 'policy', polrelid::regclass::text, polname, '' from pg_policy
        union all
        select 'sequence', sequencename, '', last_value::text from pg_sequences where schemaname in ('public', 'runner')
        order by 1, 2, 3, 4`,
  ),
});

const tablesOf = async (db: Db) => (await listTables(db)).length;

describe("a backup", () => {
  it("restores into an empty database what was there, and the app continues with it", async () => {
    const target = await blank();
    await restore(target.db, backup);
    expect(await contents(target.db)).toEqual(await contents(world.database.db));

    await migrateToLatest({ ...target.connection, kind: "embedded" });
    const restored = await openSyncWorld(
      { devices: 60, seed: 5, database: { ...target, close: async () => {} } },
      world,
    );
    const [first] = [...restored.simulator.account.devices];
    restored.simulator.account.renameDevice(first!.id, "after-the-restore");
    expect((await restored.sync("full")).status).toMatch(/^completed/);
    const [listed] = await withTenant(target.db, world.tenantId, (tx) =>
      queryRows(
        tx,
        sql`select count(*)::int as n from asset_texts where search_text like '%after-the-restore%'`,
      ),
    );
    expect(listed).toEqual({ n: 1 });
    await restored.close();
  });

  it("says how many rows each table has, and which keys its secrets are sealed under", async () => {
    const { head, manifest } = await verifyBackup(backup);
    expect(head).toMatchObject(about);
    const [{ n }] = (await queryRows<{ n: number }>(
      world.database.db,
      sql`select count(*)::int as n from rmm_device_updates`,
    )) as [{ n: number }];
    expect(manifest.tables["public.rmm_device_updates"]).toMatchObject({ rows: n });
    expect(manifest.secretKeys).toEqual([world.deps.vault.keyId]);
    expect(gunzipSync(readFileSync(backup)).toString()).not.toContain(world.simulator.apiKey);
  });

  it("is not restored over existing data", async () => {
    const target = await createTestDatabase();
    opened.push(target);
    await target.db.insert(tenants).values({ slug: "other", name: "Other" });
    await expect(restore(target.db, backup)).rejects.toThrow(/holds a Plumbline database already/);
    expect(await target.db.select().from(tenants)).toHaveLength(1);
  });

  it("is never written over an existing file", async () => {
    await expect(backUp(world.database.db, backup, about)).rejects.toThrow(/is there already/);
  });

  it.each([
    ["cut short", (whole: Buffer) => whole.subarray(0, whole.length - 2000)],
    ["another file", () => Buffer.from("some text")],
    [
      "without a row",
      (whole: Buffer) => rewritten(whole, (text) => text.replace(/^[0-9a-f-]{36}\t.*\n/m, "")),
    ],
    [
      "with another value",
      (whole: Buffer) => rewritten(whole, (text) => text.replace("line\\nbreak", "line\\nBreak")),
    ],
    [
      "cut at a line",
      (whole: Buffer) => rewritten(whole, (text) => text.slice(0, text.indexOf('{"manifest"'))),
    ],
  ])("that is %s is refused, and leaves the database empty", async (name, damage) => {
    const file = path.join(folder, `${name}.backup`);
    writeFileSync(file, damage(readFileSync(backup)));
    await expect(verifyBackup(file)).rejects.toThrow(/cannot be used/);
    await expect(restore(empty.db, file)).rejects.toThrow(/cannot be used/);
    expect(await tablesOf(empty.db)).toBe(0);
  });

  it("of an older version is restored with its schema, and upgraded by the next start", async () => {
    const old = await blank();
    const versions = knownMigrationsMs();
    await migrateTo(old.db, versions.at(-8)!);
    await old.db.execute(
      sql`insert into tenants (id, slug, name) values (gen_random_uuid(), 'old', 'Of old')`,
    );
    const file = path.join(folder, "old.backup");
    await backUp(old.db, file, about);
    const target = await blank();
    await restore(target.db, file);
    await migrateToLatest({ ...target.connection, kind: "embedded" });
    expect(await target.db.select().from(tenants)).toMatchObject([{ slug: "old" }]);
  });

  it("of a newer version is refused", async () => {
    const file = path.join(folder, "newer.backup");
    writeFileSync(
      file,
      rewritten(readFileSync(backup), (text) => text.replace(/"schemaMs":\d+/, '"schemaMs":99999999999999')),
    );
    await expect(restore(empty.db, file)).rejects.toThrow(/another version/);
    expect(await tablesOf(empty.db)).toBe(0);
  });
});

describe.runIf(testDatabaseKind() === "postgres")("the commands", () => {
  const other = "another-secret-of-at-least-32-characters";
  const json = async (...args: string[]) =>
    JSON.parse((await runCommand(...args, "--json")).out) as Record<string, unknown>;
  const on = (env: Record<string, string | undefined>) => {
    for (const [name, value] of Object.entries({ DATABASE_URL: undefined, DATA_DIR: folder, ...env }))
      vi.stubEnv(name, value);
  };
  afterEach(() => void vi.unstubAllEnvs());

  it("back up, verify and restore, and say which key the secrets need", async () => {
    const file = path.join(folder, "by-command.backup");
    on({ DATABASE_URL: world.database.url, APP_SECRET: TEST_APP_SECRET });
    const made = await json("backup", "--out", file);
    expect(made).toMatchObject({ file, secretKeys: [world.deps.vault.keyId], missingKeys: [] });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await runCommand("backup", "--out", file)).toMatchObject({
      exitCode: 1,
      error: expect.stringContaining("is there already"),
    });

    const target = await blank();
    on({ DATABASE_URL: target.url, APP_SECRET: other });
    expect(await json("verify", file)).toMatchObject({ tables: made["tables"] });
    const restored = await runCommand("restore", file);
    expect(restored).toMatchObject({ exitCode: 0, error: "" });
    expect(restored.out).toContain(`does not have ${world.deps.vault.keyId}`);
    expect(await runCommand("restore", file)).toMatchObject({
      exitCode: 1,
      error: expect.stringContaining("Name an empty database"),
    });
  });

  it("move an embedded folder to Postgres after a dry run, and say what to do next", async () => {
    const dataDir = path.join(folder, "installation");
    const target = await blank();
    on({ DATA_DIR: dataDir });
    expect((await runCommand("db", "move", "--to", target.url!)).error).toContain("no embedded database in");
    await (await openEmbedded({ dataDir, snapshotFile: embeddedDump })).close();

    const dry = await json("db", "move", "--to", target.url!, "--dry-run");
    expect(dry).toMatchObject({ dryRun: true, tables: { "public.tenants": { rows: 1 } } });
    expect(await tablesOf(target.db)).toBe(0);
    const address = path.join(folder, "address");
    writeFileSync(address, `${target.url}\n`);
    const moved = await runCommand("db", "move", "--to-file", address);
    expect(moved).toMatchObject({ exitCode: 0, error: "" });
    expect(moved.out).toContain(`set to the text in ${dataDir}/app-secret`);
    expect((await target.db.select().from(assets)).length).toBeGreaterThan(0);
    on({ DATABASE_URL: target.url, APP_SECRET: TEST_APP_SECRET });
    expect((await runCommand("db", "move", "--to", target.url!)).error).toContain("is on Postgres already");
  });
});

const rewritten = (whole: Buffer, change: (text: string) => string): Buffer =>
  gzipSync(change(gunzipSync(whole).toString()));

describe.runIf(testDatabaseKind() === "postgres")("a backup while the app runs", () => {
  it("holds the rows of one instant", async () => {
    const { db } = world.database;
    const before = await db.select().from(clients);
    await withSnapshot(db, async (snapshot) => {
      let written = false;
      for await (const { rows } of snapshot.tables) {
        if (!written) await createClient(db, { tenantId: world.tenantId, name: "Made meanwhile" });
        written = true;
        for await (const _ of rows);
      }
      expect((await snapshot.manifest()).tables["public.clients"]!.rows).toBe(before.length);
    });
    await db.delete(clients).where(eq(clients.name, "Made meanwhile"));
  });
});

describe.runIf(testDatabaseKind() === "postgres")("the embedded database, moved to Postgres", () => {
  it("is complete there, with sequences, policies and triggers, and stays as it was", async () => {
    const target = await blank();
    const before = await contents(embedded.db);
    expect(await moveDatabase(embedded.db, target.db, { dryRun: true })).toMatchObject({
      tables: { "public.assets": { rows: expect.any(Number) } },
    });
    expect(await tablesOf(target.db)).toBe(0);
    await moveDatabase(embedded.db, target.db, { dryRun: false });
    const moved = await contents(target.db);
    expect(moved).toEqual(before);
    expect(await contents(embedded.db)).toEqual(before);
    await migrateToLatest({ ...target.connection, kind: "embedded" });
    const seen = await withTenant(target.db, world.tenantId, (tx) => tx.select().from(assets));
    expect(seen).toHaveLength((await world.database.db.select().from(assets)).length);
  });

  it("refuses a target that contains anything of Plumbline", async () => {
    const target = await createTestDatabase();
    opened.push(target);
    await expect(moveDatabase(embedded.db, target.db, { dryRun: false })).rejects.toThrow(/already/);
    await expect(moveDatabase(embedded.db, target.db, { dryRun: true })).rejects.toThrow(/already/);
  });

  it("leaves the target empty if it is interrupted, and can be started again", async () => {
    const target = await blank();
    await withSnapshot(embedded.db, async (snapshot) => {
      async function* interrupted() {
        let tables = 0;
        for await (const table of snapshot.tables) {
          if (++tables === 20) {
            // As if the server's machine lost the client: its session ends.
            await target.db.execute(
              sql`select pg_terminate_backend(pid) from pg_stat_activity
                  where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`,
            );
          }
          yield table;
        }
      }
      await expect(loadSnapshot(target.db, { ...snapshot, tables: interrupted() })).rejects.toThrow();
    });
    expect(await tablesOf(target.db)).toBe(0);
    await moveDatabase(embedded.db, target.db, { dryRun: false });
    expect(await tablesOf(target.db)).toBeGreaterThan(40);
  });

  it("refuses a source of an older version", async () => {
    const source = await openEmbedded({ snapshotFile: inject("embeddedSnapshot") });
    opened.push({ ...source, connection: source, kind: "embedded" });
    await source.db.execute(
      sql`delete from drizzle.__drizzle_migrations where created_at = ${knownMigrationsMs().at(-1)!}`,
    );
    const target = await blank();
    await expect(moveDatabase(source.db, target.db, { dryRun: true })).rejects.toThrow(/older version/);
  });
});
