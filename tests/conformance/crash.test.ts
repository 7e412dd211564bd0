import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";

import { queryRows, type Db } from "@db/client";
import { openEmbedded } from "@db/embedded/open";
import { createTestDatabase } from "@tests/support/database";

import { openJournal } from "./process/app";
import type { ProcessOptions } from "./process/main";
import { endOf, startProcess } from "./process/spawn";

/** Points at which the process kills itself with SIGKILL, one process after another, all during one run. */
const killPoints = ["accepted", "one", "after one", "left", "asleep", "last", "end"];
/** Opening the embedded database takes its time. */
const fewKillPoints = ["one", "asleep"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "plumbline-crash-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("A run whose process is killed again and again", () => {
  test("ends on Postgres, with each finished step run once", { timeout: 120_000 }, async () => {
    const database = await createTestDatabase("postgres");
    try {
      await killAt(killPoints, { databaseUrl: database.url });
      await expectOneWholeRun(database.db);
    } finally {
      await database.close();
    }
  });

  test("ends on the embedded database, with each finished step run once", { timeout: 120_000 }, async () => {
    const dataDir = path.join(folder, "data");
    const fresh = await openEmbedded({ dataDir, snapshotFile: inject("embeddedSnapshot") });
    await fresh.close();
    await killAt(fewKillPoints, { dataDir });
    const reopened = await openEmbedded({ dataDir });
    await expectOneWholeRun(reopened.db).finally(() => reopened.close());
  });
});

async function killAt(
  points: readonly string[],
  database: Pick<ProcessOptions, "databaseUrl" | "dataDir">,
): Promise<void> {
  const journalFile = path.join(folder, "journal");
  for (const [i, killAt] of points.entries()) {
    const send = i === 0 ? "go" : undefined;
    const killed = startProcess({ ...database, journalFile, who: `process ${i}`, send, killAt });
    expect(await endOf(killed)).toBe("SIGKILL");
  }
  const last = startProcess({ ...database, journalFile, who: "the last process" });
  const journal = openJournal(journalFile);
  await expect.poll(journal.read, { timeout: 20_000 }).toContain("the last process saw the end");
  last.kill("SIGTERM");
  expect(await endOf(last)).toBe(0);

  const count = (word: string) => journal.read().filter((noted) => noted === word).length;
  // Only the step in flight at a kill runs again.
  for (const step of ["one", "left", "last"])
    expect([step, count(step)]).toEqual([step, points.includes(step) ? 2 : 1]);
  expect(count("right")).toBeLessThanOrEqual(2);
}

async function expectOneWholeRun(db: Db): Promise<void> {
  expect(await queryRows(db, sql`select status, result from runner.runs`)).toEqual([
    { status: "completed", result: "null" },
  ]);
  const steps = await queryRows<{ name: string }>(
    db,
    sql`select name from runner.steps where state = 'done'`,
  );
  expect(steps.map((step) => step.name).sort()).toEqual(["last", "left", "nap", "one", "right"]);
}
