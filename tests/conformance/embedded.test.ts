import { drizzle } from "drizzle-orm/postgres-js";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { queryRows, type Db } from "@db/client";
import * as schema from "@db/schema";
import { type RunnerOptions, UnsupportedFunctionError } from "@inngest/embedded-runner";
import { prune } from "@db/queries/runner/housekeeping";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { administer } from "@tests/support/database-templates";

import { oneFunction, openApp as openInProcess, type Build } from "./in-process-runner";

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase("postgres");
});
afterEach(() => database.close());

/** A runner with the functions, not started. */
const openApp = (build: Build, options: Partial<RunnerOptions> = {}) =>
  openInProcess(database.db, build, options);

const hour = 3_600_000;
const count = async (db: Db, table: string) =>
  (await queryRows<{ n: number }>(db, sql`select count(*)::int as n from ${sql.raw(table)}`))[0]!.n;

describe("Functions that the embedded runner refuses", () => {
  const refused: [option: string, options: object][] = [
    ["priority", { priority: { run: "100" } }],
    ["throttle", { throttle: { limit: 1, period: "5s" } }],
    ["rateLimit", { rateLimit: { limit: 1, period: "5s" } }],
    ["batchEvents", { batchEvents: { maxSize: 10, timeout: "5s" } }],
    ["optimizeParallelism", { optimizeParallelism: false }],
    ["concurrency", { concurrency: { limit: 1, scope: "account", key: '"all"' } }],
    ["concurrency.key", { concurrency: { limit: 1, key: "event.data[" } }],
    ["cancelOn.if", { cancelOn: [{ event: "stop", if: "nobody.data.id == 1" }] }],
    ["debounce.period", { debounce: { period: "soon" } }],
    ["singleton", { singleton: { mode: "skip" }, debounce: { period: "5s" } }],
    ["triggers.app/*", { triggers: [{ event: "app/*" }] }],
    ["triggers.inngest/function.finished", { triggers: [{ event: "inngest/function.finished" }] }],
    ["triggers.cron", { triggers: [{ cron: "every monday" }] }],
  ];

  test.each(refused)("%s: the start names the function and the option", async (option, options) => {
    const { runner } = openApp(oneFunction(() => {}, options));
    const error: unknown = await runner.start().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnsupportedFunctionError);
    expect((error as Error).message).toContain(`Function "app-one": option "${option}"`);
    expect(runner.isLeader()).toBe(false);
  });

  test("an unsupported kind of step fails the run and names it", async () => {
    const { client, runner } = openApp((inngest) => [
      inngest.createFunction({ id: "waits", triggers: [{ event: "go" }], retries: 3 }, async ({ step }) => {
        await step.waitForEvent("wait", { event: "other", timeout: "1h" });
      }),
    ]);
    await runner.start();
    await client.send({ name: "go" });
    await runner.idle();
    await runner.stop();
    const [run] = await queryRows<{ status: string; result: string }>(
      database.db,
      sql`select status, result from runner.runs`,
    );
    expect(run!.status).toBe("failed");
    expect(run!.result).toContain("WaitForEvent, which the embedded runner does not support");
  });
});

describe("Receiving events", () => {
  test("costs as many statements for 500 events as for one", async () => {
    let statements = 0;
    const counted = postgres(database.url!, { max: 1, onnotice: () => {}, debug: () => statements++ });
    const { runner } = openApp(
      oneFunction(() => {}, {
        concurrency: { limit: 1, key: "event.data.n" },
        idempotency: "event.data.n",
        cancelOn: [{ event: "go", if: "event.data.n == async.data.n" }],
      }),
      { db: drizzle(counted, { schema }) },
    );
    const cost = async (events: number) => {
      statements = 0;
      await runner.accept(
        Array.from({ length: events }, (_, n) => ({ name: "go", data: { n: `${events} ${n}` } })),
      );
      return statements;
    };
    await cost(2);
    const one = await cost(1);
    expect(one).toBeGreaterThan(0);
    expect(await cost(500)).toBe(one);
    expect(await count(database.db, "runner.runs")).toBe(503);
    await counted.end();
  });

  test("leaves nothing behind for events that start and cancel nothing", async () => {
    const { client, runner } = openApp(oneFunction(() => {}));
    const { ids } = await client.send([{ name: "unheard", id: "mine" }, { name: "of" }]);
    expect(ids).toEqual(["mine", expect.any(String)]);
    expect(await count(database.db, "runner.seen_keys")).toBe(0);
    expect(runner.isLeader()).toBe(false);
  });

  test("refuses an event without a name", async () => {
    const { client } = openApp(oneFunction(() => {}));
    await expect(client.send({ name: "" })).rejects.toThrow();
  });
});

describe("The runner", () => {
  test("survives the loss of its connections, and repeats no step whose result it has", async () => {
    const notes: string[] = [];
    const { client, runner } = openApp((inngest) => [
      inngest.createFunction({ id: "cut", triggers: [{ event: "go" }], retries: 0 }, async ({ step }) => {
        for (const name of ["one", "two", "three"]) {
          await step.run(name, async () => {
            notes.push(name);
            // Cuts every connection of the runner in the middle of its step.
            await administer(database.url!, (db) =>
              db.unsafe(
                "select pg_terminate_backend(pid) from pg_stat_activity " +
                  "where datname = current_database() and usename = current_user and pid <> pg_backend_pid()",
              ),
            );
          });
        }
        notes.push("end");
      }),
    ]);
    await runner.start();
    await client.send({ name: "go" });
    await expect.poll(() => notes, { timeout: 20_000 }).toContain("end");
    await expect.poll(() => runner.idle().then(() => "idle"), { timeout: 20_000 }).toBe("idle");
    await runner.stop();
    expect(notes).toEqual(["one", "two", "three", "end"]);
  });

  test("takes the lease of a dead process at once if no other process can be alive", async () => {
    const dead = openApp(
      oneFunction(() => {}),
      { leaseMs: 60_000 },
    );
    await dead.runner.start();
    const patient = openApp(oneFunction(() => {}));
    await patient.runner.start();
    expect(patient.runner.isLeader()).toBe(false);
    const only = openApp(
      oneFunction(() => {}),
      { isOnlyProcess: true },
    );
    await only.runner.start();
    expect(only.runner.isLeader()).toBe(true);
    for (const { runner } of [dead, patient, only]) await runner.stop();
    expect(await patient.runner.isHeld()).toBe(false);
  });
});

describe("Ended runs", () => {
  test("are deleted by the runner after a day, or after a week if they failed", async () => {
    let later = 0;
    const build = oneFunction((event) => {
      if (event.data["fail"] === true) throw new Error("wanted");
    });
    const now = () => new Date(Date.now() + later);
    const statuses = async () => {
      const rows = await queryRows<{ status: string }>(
        database.db,
        sql`select status from runner.runs order by 1`,
      );
      return rows.map((row) => row.status);
    };
    const first = openApp(build, { now });
    await first.runner.start();
    await first.client.send([{ name: "go" }, { name: "go", data: { fail: true } }]);
    await first.runner.idle();
    await first.runner.stop();

    later = 23 * hour;
    await prune(database.db, now());
    expect(await statuses()).toEqual(["completed", "failed"]);
    expect(await count(database.db, "runner.seen_keys")).toBeGreaterThan(0);
    later = 25 * hour;
    const second = openApp(build, { now });
    await second.runner.start();
    await expect.poll(statuses).toEqual(["failed"]);
    await second.runner.stop();
    expect(await count(database.db, "runner.seen_keys")).toBe(0);
    later = 8 * 24 * hour;
    await prune(database.db, now());
    expect(await statuses()).toEqual([]);
  });
});
