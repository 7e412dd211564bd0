import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";

import {
  connectPools,
  connectPostgres,
  queryRows,
  withTenant,
  type DatabaseConnection,
  type Db,
} from "@db/client";
import { endWith } from "@db/page-statements";
import { checkReadiness } from "~/features/operations/readiness.server";
import { openDatabase } from "~/platform/database.server";
import { watchChanges } from "~/platform/live/watch-changes";

import { createTestDatabase, testDatabaseKind, type TestDatabase } from "../../support/database";
import { databaseUrl } from "../../support/database-templates";
import { createTenant } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

const isOurs = () => inject("postgresTemplate").superuserUrl !== undefined;

describe.runIf(testDatabaseKind() === "postgres" && isOurs())("a Postgres with few connections", () => {
  let database: TestDatabase;
  let superuser: DatabaseConnection;
  let name: string;
  let tenantId: string;
  const open: DatabaseConnection[] = [];
  beforeEach(async () => {
    database = await createTestDatabase();
    name = new URL(database.url!).pathname.slice(1);
    tenantId = (await createTenant(database.db)).id;
    superuser = connectPostgres(databaseUrl(inject("postgresTemplate").superuserUrl!, name), { poolSize: 1 });
  });
  afterEach(async () => {
    await limit(-1);
    for (const connection of open.splice(0)) await connection.close();
    await superuser.close();
    await database.close();
  });

  /** The limit of the database, from which superusers are exempt. */
  const limit = (connections: number) =>
    superuser.db.execute(sql.raw(`alter database ${name} connection limit ${connections}`));
  const opened = (connection: DatabaseConnection) => {
    open.push(connection);
    return connection;
  };
  /** The test's own handle returns its connections. */
  const letGo = () =>
    superuser.db.execute(
      sql`select pg_terminate_backend(pid, 10000) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`,
    );
  const countSessions = async () => {
    const [row] = await queryRows<{ n: number }>(
      superuser.db,
      sql`select count(*)::int as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    return row!.n;
  };

  it("answers forty pages at once, during other work, and leaves connections to others", async () => {
    await letGo();
    await limit(6);
    const { db, pages } = opened(await openDatabase({ databaseUrl: database.url!, dataDir: "" }));
    const work = (handle: Db, n: number) =>
      withTenant(handle, tenantId, (tx) => queryRows(tx, sql`select ${n}::int as n`));
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, n) => work(n % 2 === 0 ? pages! : db, n)),
    );
    expect(answers.map(([row]) => row!["n"])).toEqual(Array.from({ length: 80 }, (_, n) => n));
    expect(await countSessions()).toBeLessThanOrEqual(4);
    const commandLine = opened(
      await openDatabase({ databaseUrl: database.url!, dataDir: "", databasePoolMax: 2 }),
    );
    expect(await queryRows(commandLine.db, sql`select 1 as one`)).toEqual([{ one: 1 }]);
  });

  it("holds at most as many connections as configured", async () => {
    const { db, pages } = opened(
      await openDatabase({ databaseUrl: database.url!, dataDir: "", databasePoolMax: 3 }),
    );
    await letGo();
    const ask = (handle: Db) => withTenant(handle, tenantId, (tx) => tx.execute(sql`select pg_sleep(0.05)`));
    await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n % 2 === 0 ? pages! : db)));
    expect(await countSessions()).toBeLessThanOrEqual(3);
  });

  it("is waited for at start while it has no slot, with a line in the log", async () => {
    await letGo();
    await limit(0);
    const lines: string[] = [];
    const refused = new Promise<void>((resolve) => {
      const log = {
        warn: (_: object, line: string) => {
          lines.push(line);
          resolve();
        },
      };
      void openDatabase({ databaseUrl: database.url!, dataDir: "" }, log).then(opened);
    });
    await refused;
    await limit(-1);
    await expect.poll(() => open.length, { timeout: 60_000 }).toBe(1);
    expect(await queryRows(open[0]!.db, sql`select 1 as one`)).toEqual([{ one: 1 }]);
    expect(lines).toEqual(["The database server has no slot for another connection; it is tried again"]);
  });

  it("is waited for by a page as well, and the page fails if no slot comes", async () => {
    const { db } = opened(connectPostgres(database.url!, { poolSize: 1, slotWait: { waitMs: 60_000 } }));
    const impatient = opened(connectPostgres(database.url!, { poolSize: 1, slotWait: { waitMs: 0 } }));
    await letGo();
    await limit(0);
    await expect(withTenant(impatient.db, tenantId, async () => 1)).rejects.toMatchObject({ code: "53300" });
    const waiting = withTenant(db, tenantId, (tx) => queryRows(tx, sql`select 2 as two`));
    await limit(-1);
    expect(await waiting).toEqual([{ two: 2 }]);
  });
});

/** Statements of pages that wait for a lock which the test holds. */
async function waitingFor({ db }: TestDatabase): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    db,
    sql`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return row!.n;
}

describe.runIf(testDatabaseKind() === "postgres")("one viewer's searches", () => {
  let database: TestDatabase;
  let connection: DatabaseConnection;
  let tenantId: string;
  beforeEach(async () => {
    database = await createTestDatabase();
    tenantId = (await createTenant(database.db)).id;
    connection = connectPools(database.url!, 4);
  });
  afterEach(async () => {
    await connection.close();
    await database.close();
  });

  const waitingForLock = () => waitingFor(database);
  const heldLock = async <T>(work: () => Promise<T>): Promise<T> =>
    database.db.transaction(async (tx) => {
      await tx.execute(sql`lock table clients in access exclusive mode`);
      return work();
    });
  const search = () => withTenant(connection.pages!, tenantId, (tx) => tx.execute(sql`select from clients`));

  it("delay neither readiness nor webhooks, which have connections of their own", async () => {
    const searches = await heldLock(async () => {
      const begun = Array.from({ length: 10 }, () => search());
      await expect.poll(waitingForLock).toBe(2);
      const jobs = { isAlive: () => Promise.resolve(true) };
      const readiness = await checkReadiness({
        sync: { db: connection.db },
        jobs,
        log: { warn: () => {} },
      } as never);
      expect(readiness.ready).toBe(true);
      await withTenant(connection.db, tenantId, (tx) => tx.execute(sql`select from rmm_webhook_deliveries`));
      return begun;
    });
    await Promise.all(searches);
  });

  it("end in the database when the browser has gone, and the connection serves others", async () => {
    const gone = new AbortController();
    await heldLock(async () => {
      const dropped = endWith(gone.signal, search);
      const kept = search();
      await expect.poll(waitingForLock).toBe(2);
      gone.abort();
      await expect(dropped).rejects.toMatchObject({ cause: { code: "57014" } });
      expect(await waitingForLock()).toBe(1);
      return { kept };
    }).then(({ kept }) => kept);
    await search();
  });
});

describe.runIf(testDatabaseKind() === "postgres")("what many tabs follow", () => {
  it("is still read for the others when the first browser has gone", async () => {
    const database = await createTestDatabase();
    const connection = connectPools(database.url!, 4);
    try {
      const { id } = await createTenant(database.db);
      const first = new AbortController();
      const errors: unknown[] = [];
      const [begun, stop] = await database.db.transaction(async (tx) => {
        await tx.execute(sql`lock table incidents in access exclusive mode`);
        let unwatch = () => {};
        const beginning = new Promise<void>((resolve) => {
          endWith(first.signal, () => {
            const listener = { onBegin: resolve, onChange: () => {} };
            unwatch = watchChanges(connection.pages!, id, listener, (error) => errors.push(error));
          });
        });
        await expect.poll(() => waitingFor(database)).toBe(1);
        first.abort();
        // By the connections that would end it, so that they have had their turn.
        for (let n = 0; n < 5; n++) await connection.db.execute(sql`select 1`);
        return [beginning, unwatch] as const;
      });
      await begun;
      stop();
      expect(errors).toEqual([]);
    } finally {
      await connection.close();
      await database.close();
    }
  });
});

describe.runIf(testDatabaseKind() === "postgres")("a page that takes too long", () => {
  let web: WebWorld;
  let database: TestDatabase;
  let connection: DatabaseConnection;
  beforeEach(async () => {
    database = await createTestDatabase();
    connection = connectPools(database.url!, 4, 500);
    web = await createWebWorld({}, { ...connection, url: database.url! });
  });
  afterEach(async () => {
    await web.close();
    await connection.close();
    await database.close();
  });

  it("says so, and what to do", async () => {
    const { as } = await web.tenant();
    const page = await database.db.transaction(async (tx) => {
      await tx.execute(sql`lock table clients in access exclusive mode`);
      return as.viewer.get("/clients");
    });
    expect(page.status).toBe(503);
    expect(await page.text()).toContain("Narrow the search or the filters");
  });
});
