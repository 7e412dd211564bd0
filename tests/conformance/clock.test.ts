import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { queryRows } from "@db/client";
import { parseCron } from "@inngest/embedded-runner/crons";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";

import { caughtUp, oneFunction, openApp, type Build } from "./in-process-runner";

let database: TestDatabase;
/** The time that the machine's clock shows. */
let now: Date;
/** Functions that have run, in order. */
let ran: string[];
let app: ReturnType<typeof openApp>;

beforeEach(async () => {
  database = await createTestDatabase("postgres");
  ran = [];
});
afterEach(async () => {
  await app.runner.stop();
  await database.close();
});

/** A process whose function runs on the cron's schedule. */
async function start(cron: string, more: Build = () => []) {
  app = openApp(
    database.db,
    (client) => [
      ...oneFunction(() => void ran.push("cron"), { triggers: [{ cron }] })(client),
      ...more(client),
    ],
    { now: () => now, pollMs: 5, retryDelayMs: () => 60_000 },
  );
  await app.runner.start();
}

async function restart(cron: string, more?: Build) {
  await app.runner.stop();
  await start(cron, more);
}

/** Sets the clock, and lets the runner do what is due by then. */
async function clockShows(instant: string): Promise<string[]> {
  now = new Date(instant);
  ran = [];
  await caughtUp(app.runner);
  return ran;
}

describe("A cron", () => {
  test("fires once after a downtime in which it was missed often, but not at its first start", async () => {
    now = new Date("2026-01-01T00:30:00Z");
    await start("0 * * * *");
    expect(await clockShows("2026-01-01T00:50:00Z")).toEqual([]);
    await app.runner.stop();
    now = new Date("2026-01-01T07:15:00Z");
    await start("0 * * * *");
    expect(await clockShows("2026-01-01T07:16:00Z")).toEqual(["cron"]);
    expect(await clockShows("2026-01-01T07:20:00Z")).toEqual([]);
  });

  test("fires once when the clock jumps ahead, and goes on from there", async () => {
    now = new Date("2026-01-01T00:30:00Z");
    await start("0 * * * *");
    expect(await clockShows("2026-02-10T09:10:00Z")).toEqual(["cron"]);
    expect(await clockShows("2026-02-10T09:59:59Z")).toEqual([]);
    expect(await clockShows("2026-02-10T10:00:00Z")).toEqual(["cron"]);
  });

  test.each([
    ["nine hours", "2026-01-01T00:12:00Z", "2026-01-01T00:59:00Z", "2026-01-01T01:00:00Z"],
    ["forty days", "2025-11-22T09:12:00Z", "2025-11-22T09:59:00Z", "2025-11-22T10:00:00Z"],
  ])("follows a clock that was set back by %s", async (_, back, before, due) => {
    now = new Date("2026-01-01T08:55:00Z");
    await start("0 * * * *");
    expect(await clockShows("2026-01-01T09:10:00Z")).toEqual(["cron"]);
    expect(await clockShows(back)).toEqual([]);
    expect(await clockShows(before)).toEqual([]);
    expect(await clockShows(due)).toEqual(["cron"]);
  });

  test("follows a clock that was set back while nothing ran", async () => {
    now = new Date("2026-01-01T08:55:00Z");
    await start("0 * * * *");
    expect(await clockShows("2026-02-10T09:10:00Z")).toEqual(["cron"]);
    now = new Date("2026-01-01T09:50:00Z");
    await restart("0 * * * *");
    expect(await clockShows("2026-01-01T09:59:00Z")).toEqual([]);
    expect(await clockShows("2026-01-01T10:00:00Z")).toEqual(["cron"]);
    expect(await clockShows("2026-01-01T11:00:00Z")).toEqual(["cron"]);
  });

  test("does not fire a second time when the clock is corrected by less than a second", async () => {
    now = new Date("2026-01-01T08:55:00Z");
    await start("0 * * * *");
    expect(await clockShows("2026-01-01T09:00:00.200Z")).toEqual(["cron"]);
    expect(await clockShows("2026-01-01T08:59:59.900Z")).toEqual([]);
    expect(await clockShows("2026-01-01T09:00:01Z")).toEqual([]);
  });

  test.each([
    ["that daylight saving skips", "2026-03-27T12:00:00Z"],
    ["that comes twice when daylight saving ends", "2026-10-23T12:00:00Z"],
  ])("at a local hour %s fires once on that day too", (_, from) => {
    const { next } = parseCron("one", "TZ=Europe/Berlin 30 2 * * *");
    const days: string[] = [];
    for (let at = next(new Date(from))!; days.length < 4; at = next(at)!) {
      days.push(at.toLocaleDateString("sv", { timeZone: "Europe/Berlin" }));
    }
    expect(days).toHaveLength(new Set(days).size);
    expect(Date.parse(days[3]!) - Date.parse(days[0]!)).toBe(3 * 24 * 3_600_000);
  });
});

describe("When the clock is set back", () => {
  /** A run that sleeps for an hour, and one whose first attempt fails. */
  const waiting: Build = (client) => [
    client.createFunction({ id: "sleeper", triggers: [{ event: "sleep" }] }, async ({ step }) => {
      await step.sleep("an hour", "1h");
      ran.push("slept");
    }),
    client.createFunction({ id: "failing", triggers: [{ event: "fail" }] }, ({ attempt }) => {
      if (attempt === 0) throw new Error("wanted");
      ran.push("tried again");
    }),
  ];
  const never = "0 0 1 1 *";

  test.each([
    ["in the process that laid them down", async () => {}],
    [
      "in the next process",
      async () => {
        // By the clock as it was when the former process was last alive.
        await database.db.execute(sql`update runner.crons set fired_at = '2026-05-05T12:00:01Z'`);
        now = new Date("2026-05-05T03:00:00Z");
        await restart(never, waiting);
      },
    ],
  ])("runs wait for the rest of their time, %s", async (_, meanwhile) => {
    now = new Date("2026-05-05T12:00:00Z");
    await start(never, waiting);
    await app.client.send([{ name: "sleep" }, { name: "fail" }]);
    await clockShows("2026-05-05T12:00:01Z");
    await meanwhile();
    expect(await clockShows("2026-05-05T03:00:00Z")).toEqual([]);
    expect(await clockShows("2026-05-05T03:01:05Z")).toEqual(["tried again"]);
    expect(await clockShows("2026-05-05T03:58:00Z")).toEqual([]);
    expect(await clockShows("2026-05-05T04:00:05Z")).toEqual(["slept"]);
  });

  test("a run that no process has started yet starts", async () => {
    now = new Date("2026-05-05T12:00:00Z");
    await start(never, waiting);
    await clockShows("2026-05-05T12:00:00Z");
    await app.runner.stop();
    await app.client.send({ name: "fail" });
    await database.db.execute(sql`update runner.crons set fired_at = '2026-05-05T12:00:00Z'`);
    now = new Date("2026-05-05T03:00:00Z");
    await start(never, waiting);
    await clockShows("2026-05-05T03:00:01Z");
    expect(await clockShows("2026-05-05T03:01:05Z")).toEqual(["tried again"]);
  });

  test("a running run sleeps for as long as it asked for", async () => {
    let proceed = () => {};
    const isWorking = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    const working: Build = (client) => [
      client.createFunction({ id: "both", triggers: [{ event: "both" }] }, async ({ step }) => {
        await Promise.all([step.sleep("an hour", "1h"), step.run("work", () => isWorking)]);
        ran.push("both");
      }),
    ];
    now = new Date("2026-05-05T12:00:00Z");
    await start(never, working);
    await app.client.send({ name: "both" });
    await expect.poll(() => app.runner.stats().active).toBe(1);
    now = new Date("2026-05-05T03:00:00Z");
    const dueAt = async () =>
      (await queryRows<{ due: string }>(database.db, sql`select max(due_at) as due from runner.steps`))[0]!;
    await expect.poll(async () => new Date((await dueAt()).due)).toEqual(new Date("2026-05-05T04:00:00Z"));
    proceed();
    expect(await clockShows("2026-05-05T03:58:00Z")).toEqual([]);
    expect(await clockShows("2026-05-05T04:00:05Z")).toEqual(["both"]);
  });

  test("the lease of a process that died before the change does not outlive it", async () => {
    now = new Date();
    await start(never);
    await app.runner.stop();
    await database.db.execute(
      sql`update runner.lease set token = gen_random_uuid(), expires_at = now() + interval '9 hours'`,
    );
    await start(never);
    expect(app.runner.isLeader()).toBe(true);
  });
});
