import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { queryRows } from "@db/client";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";

import { openJournal, openProcessApp, type Journal } from "./process/app";
import { endOf, startProcess } from "./process/spawn";

let folder: string;
let database: TestDatabase;
let journal: Journal;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "plumbline-takeover-"));
  journal = openJournal(path.join(folder, "journal"));
  database = await createTestDatabase("postgres");
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
    await endOf(child);
  }
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("Of two processes", () => {
  test("one waits, and takes over at once when the other stops", async () => {
    // The lease outlasts the test, so the takeover cannot come from its expiry.
    const open = (who: string) => openProcessApp(database.db, journal, who, undefined, 600_000);
    const [first, second] = [open("first"), open("second")];
    await first.runner.start();
    await second.runner.start();
    expect([first.runner.isLeader(), second.runner.isLeader()]).toEqual([true, false]);
    await first.client.send({ name: "go" });
    await expect.poll(journal.read).toContain("right");
    await first.runner.stop();
    await expect.poll(() => second.runner.isLeader()).toBe(true);
    await expect.poll(journal.read).toContain("end");
    await second.runner.stop();
    expect(
      journal
        .read()
        .filter((word) => word !== "after one")
        .sort(),
    ).toEqual(["end", "last", "left", "one", "right"]);
  });

  test("one that does not execute runs receives events for the one that does", async () => {
    const leader = openProcessApp(database.db, journal, "leader");
    const other = openProcessApp(database.db, journal, "other");
    await leader.runner.start();
    await other.client.send({ name: "slow" });
    await expect.poll(journal.read).toContain("result of leader seen by leader");
    await leader.runner.stop();
  });

  test("one that was suspended writes nothing after the other has taken over", async () => {
    const suspended = startProcess({
      databaseUrl: database.url,
      journalFile: path.join(folder, "journal"),
      who: "the suspended one",
      send: "slow",
    });
    children.push(suspended);
    await expect.poll(journal.read, { interval: 10 }).toContain("work by the suspended one");
    suspended.kill("SIGSTOP");

    let finishWork = () => {};
    const work = new Promise<void>((resolve) => (finishWork = resolve));
    const other = openProcessApp(database.db, journal, "the other", () => work);
    await other.runner.start();
    await expect.poll(journal.read).toContain("work by the other");
    // It continues with its step, whose result comes first, and finds that it has lost the lease.
    suspended.kill("SIGCONT");
    await sleep(2_000);
    expect(await queryRows(database.db, sql`select name from runner.steps`)).toEqual([]);
    finishWork();
    await expect.poll(journal.read).toContain("result of the other seen by the other");
    await expect.poll(journal.read).toContain("the suspended one saw the end");
    expect(other.runner.isLeader()).toBe(true);
    expect(await queryRows(database.db, sql`select name, result from runner.steps order by ordinal`)).toEqual(
      [
        { name: "work", result: '"the other"' },
        { name: "result", result: "null" },
      ],
    );
    expect(journal.read()).not.toContain("result of the suspended one seen by the suspended one");
    await other.runner.stop();
  });
});
