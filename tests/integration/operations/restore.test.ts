import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { eq, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";

import { withTenant, type DatabaseConnection } from "@db/client";
import { auditLog, tenants, users } from "@db/schema";
import { checkReadiness } from "~/features/operations/readiness.server";
import { openDatabase } from "~/platform/database.server";

import { findPostgresBinaries } from "../../../scripts/lib/postgres-binaries.mjs";
import { testDatabaseKind } from "../../support/database";
import { databaseUrl } from "../../support/database-templates";
import { createClient } from "../../support/factories";
import { startPostgres, type ThrowAwayPostgres } from "../../support/postgres";
import { createWebWorld, TEST_PASSWORD } from "../../support/web";

const tool = (name: string) => path.join(findPostgresBinaries() ?? "", name);

/** Runs one of Postgres's tools on a database; its output goes into the error. */
const run = (name: string, url: string, ...args: string[]) =>
  execFileSync(tool(name), [...args, url], { stdio: ["ignore", "pipe", "pipe"] });

/**
 * As the operating guide says: into an empty database, as the app's user. The missing role causes errors, after which
 * pg_restore continues.
 */
function restore(dump: string, url: string, ...args: string[]): void {
  try {
    execFileSync(tool("pg_restore"), ["--no-owner", ...args, "--dbname", url, dump], { stdio: "pipe" });
  } catch (error) {
    expect(String((error as { stderr: Buffer }).stderr)).toContain("plumbline_tenant");
  }
}

// Two clusters, because the role must not exist on the target.
describe.runIf(testDatabaseKind() === "postgres" && inject("postgresTemplate").superuserUrl !== undefined)(
  "a backup that is restored on another server",
  () => {
    const folder = mkdtempSync(path.join(tmpdir(), "plumbline-dump-"));
    const dump = path.join(folder, "plumbline.dump");
    let email: string;
    let tenantId: string;
    let server: ThrowAwayPostgres;
    let opened: DatabaseConnection | undefined;

    beforeAll(async () => {
      const web = await createWebWorld();
      const tenant = await web.tenant();
      tenantId = tenant.id;
      email = tenant.users.admin.email;
      await createClient(web.database.db, { tenantId, name: "Borealis GmbH" });
      run("pg_dump", web.database.url!, "--format=custom", `--file=${dump}`);
      await web.close();
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    beforeEach(async () => {
      server = await startPostgres(["fsync=off"]);
    });
    afterEach(async () => {
      await opened?.close();
      opened = undefined;
      await server.stop();
    });

    /** Returns the rows of the last statement. */
    const asSuperuser = async (database: string, ...statements: string[]) => {
      const client = postgres(databaseUrl(server.url, database), { max: 1, onnotice: () => {} });
      let rows: unknown[] = [];
      for (const statement of statements) rows = await client.unsafe(statement);
      await client.end();
      return rows;
    };
    const appUser = async (rights = "createrole") => {
      await asSuperuser(
        "postgres",
        `create role app login password 'secret' ${rights}`,
        "create database app owner app",
      );
      const url = new URL(databaseUrl(server.url, "app"));
      url.username = "app";
      url.password = "secret";
      return url.href;
    };
    const open = async (url: string) => (opened = await openDatabase({ databaseUrl: url, dataDir: folder }));

    it("serves pages, keeps tenants apart and the audit log unchangeable", async () => {
      const url = await appUser();
      restore(dump, url);
      await open(url);
      const web = await createWebWorld({}, { ...opened!, url });
      const browser = web.anonymous();
      await browser.post("/sign-in", { email, password: TEST_PASSWORD, next: "/" });
      const page = await browser.get("/clients");
      expect(page.status).toBe(200);
      expect(await page.text()).toContain("Borealis GmbH");

      const { db } = opened!;
      await db.insert(tenants).values({ slug: "other", name: "Other" });
      expect(await withTenant(db, tenantId, (tx) => tx.select().from(tenants))).toHaveLength(1);
      await expect(
        withTenant(db, tenantId, (tx) => tx.delete(auditLog).where(eq(auditLog.tenantId, tenantId))),
      ).rejects.toMatchObject({ cause: { code: "42501" } });
      expect(await withTenant(db, tenantId, (tx) => tx.select().from(users))).not.toHaveLength(0);
      // The role also gets a table of a later version.
      await db.execute(sql`create table later (n int)`);
      await withTenant(db, tenantId, (tx) => tx.execute(sql`insert into later values (1)`));
    });

    it("works if another installation's role exists", async () => {
      const url = await appUser();
      await asSuperuser("postgres", "create role plumbline_tenant nologin");
      restore(dump, url);
      const { db } = await open(url);
      expect(await withTenant(db, tenantId, (tx) => tx.select().from(tenants))).toHaveLength(1);
    });

    it("is refused with the lines to run if the app may not make the role, and works after them", async () => {
      const url = await appUser("nocreaterole");
      restore(dump, url);
      const refusal = await open(url).catch((error: unknown) => error as { hint: string });
      const { hint } = refusal as { hint: string };
      const lines = hint.split("\n").slice(1);
      expect(lines.map((line) => line.trim())).toEqual([
        "create role plumbline_tenant nologin;",
        "grant plumbline_tenant to app;",
      ]);
      await asSuperuser("app", ...lines);
      const { db } = await open(url);
      expect(await withTenant(db, tenantId, (tx) => tx.select().from(tenants))).toHaveLength(1);
    });

    it("is refused with the lines to run if the tables belong to the superuser, and works after them", async () => {
      const url = await appUser();
      restore(dump, databaseUrl(server.url, "app"));
      // Objects of others in the schema public, such as those of extensions, stay untouched.
      await asSuperuser("app", "create table foreign_to_us (n int)");
      const refusal = (await open(url).catch((error: unknown) => error)) as {
        userMessage: string;
        hint: string;
      };
      expect(refusal.userMessage).toContain("the tables belong to postgres");
      const lines = refusal.hint.split("\n").slice(1);
      expect(lines.join()).not.toContain("foreign_to_us");
      await asSuperuser("app", ...lines);
      const { db } = await open(url);
      expect(await withTenant(db, tenantId, (tx) => tx.select().from(tenants))).toHaveLength(1);
      const left = await asSuperuser(
        "app",
        "select proname from pg_proc where prosecdef and pg_get_userbyid(proowner) = 'postgres'",
      );
      expect(left).toHaveLength(0);
      await expect(
        withTenant(db, tenantId, (tx) => tx.execute(sql`select from foreign_to_us`)),
      ).rejects.toMatchObject({ cause: { code: "42501" } });
    });

    it("is refused with the lines to run if the app may not give tenants access to the schema", async () => {
      const url = await appUser();
      restore(dump, url);
      await asSuperuser(
        "app",
        "alter schema public owner to postgres",
        "revoke all on schema public from public",
        "grant usage, create on schema public to app",
      );
      const refusal = await open(url).catch((error: unknown) => error as { hint: string });
      const lines = (refusal as { hint: string }).hint.split("\n").slice(1);
      expect(lines.map((line) => line.trim())).toEqual(["grant usage on schema public to plumbline_tenant;"]);
      await asSuperuser("app", ...lines);
      const { db } = await open(url);
      expect(await withTenant(db, tenantId, (tx) => tx.select().from(tenants))).toHaveLength(1);
    });

    it("is not ready while no page could be answered", async () => {
      const url = await appUser();
      restore(dump, url);
      await open(url);
      await asSuperuser("app", "revoke plumbline_tenant from app");
      const log = { warn: () => {} };
      const jobs = { isAlive: () => Promise.resolve(true) };
      const readiness = await checkReadiness({ sync: { db: opened!.db }, log, jobs } as never);
      expect(readiness).toMatchObject({ ready: false, checks: { database: "failed" } });
    });
  },
);
