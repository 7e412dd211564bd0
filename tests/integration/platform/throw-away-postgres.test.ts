import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";

import postgres from "postgres";
import { describe, expect, it } from "vitest";

import { createTestDatabase, testDatabaseKind } from "@tests/support/database";
import { createClient, createTenant } from "@tests/support/factories";
import { clients } from "@db/schema";

/** A process that starts a cluster and then does nothing. */
const holder = `
  import { startPostgres } from "./tests/support/postgres";
  const { url } = await startPostgres();
  console.log(url);
  setInterval(() => {}, 1000);
`;

describe.runIf(testDatabaseKind() === "postgres")("the throw-away Postgres", () => {
  it("ends, with its folder, when the process that started it is killed", async () => {
    const parent = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", holder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [url] = (await once(createInterface(parent.stdout), "line")) as [string];
    const folder = await ask(url, async (sql) => {
      const [row] = await sql<{ folder: string }[]>`select current_setting('data_directory') as folder`;
      return path.dirname(row!.folder);
    });
    expect(existsSync(folder)).toBe(true);

    parent.kill("SIGKILL");
    await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
    await expect(ask(url, (sql) => sql`select 1`)).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe("a test's database", () => {
  it("is its own: what one writes, another does not see", async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    const tenant = await createTenant(one.db);
    await createClient(one.db, { tenantId: tenant.id });
    expect(await one.db.select().from(clients)).toHaveLength(1);
    expect(await other.db.select().from(clients)).toHaveLength(0);
    await Promise.all([one.close(), other.close()]);
  });
});

async function ask<T>(url: string, work: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
