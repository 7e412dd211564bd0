import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { listIgnored } from "@db/queries/sync-runs/ignored-records";
import type { RunRow } from "@db/queries/sync-runs/runs";
import { auditLog } from "@db/schema";
import { ignoreRecord, stopIgnoring } from "~/features/sync-runs/ignored-records.server";
import { pruneDetails, pruneOldIgnoredRecords } from "~/features/sync-runs/prune";
import { outcomeText, type ShownRun } from "~/features/sync-runs/run-figures";
import { listIssues } from "@db/queries/sync-runs/run-issues";

import { TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 30, seed: 3 });
});
afterEach(() => world.close());

const ref = () => ({ tenantId: world.tenantId, connectionId: world.connectionId });
const issuesOf = (run: RunRow) =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    listIssues(tx, world.tenantId, run.id, { limit: 100 }),
  );
const ignored = () => withTenant(world.database.db, world.tenantId, (tx) => listIgnored(tx, ref(), 100));
const actions = async () =>
  (
    await world.database.db
      .select({ action: auditLog.action, details: auditLog.details })
      .from(auditLog)
      .where(eq(auditLog.tenantId, world.tenantId))
      .orderBy(auditLog.id)
  ).filter(({ action }) => action.startsWith("record."));

/** Level lists a new device without an id; the simulator stores it under its original id. */
function enrolBroken(hostname = "NO-ID"): string {
  const { account } = world.simulator;
  const group = [...account.devices].find((row) => row.group_id !== null)!.group_id;
  const { id } = account.addDevice({ group_id: group, hostname });
  account.patchDevice(id, { id: {} });
  return id;
}

async function ignoreFailed(run: RunRow, note = "Level knows; ticket 4711"): Promise<void> {
  const records = (await issuesOf(run)).filter(({ severity }) => severity === "record");
  expect(records).toHaveLength(1);
  const record = { tenantId: world.tenantId, runId: run.id, issueId: records[0]!.id };
  expect(await ignoreRecord(world.deps, record, note, TEST_ACTOR)).toEqual({ state: "ignored" });
  expect(await ignoreRecord(world.deps, record, note, TEST_ACTOR)).toEqual({ state: "already" });
}

describe("a record without an id that a person has ignored", () => {
  it("does not turn a sync amber, and the sync says how many were ignored", async () => {
    enrolBroken();
    const amber = await world.sync("full");
    expect(amber).toMatchObject({ status: "completed_with_errors", itemsFailed: 1, itemsIgnored: 0 });
    await ignoreFailed(amber);
    const green = await world.sync("full");
    expect(green).toMatchObject({ status: "completed", itemsFailed: 0, itemsIgnored: 1, degraded: [] });
    expect(green.itemsSeen).toBe(amber.itemsSeen);
    expect(outcomeText(green as unknown as ShownRun)).toContain("1 ignored");
    expect((await issuesOf(green)).filter(({ isIgnored }) => isIgnored)).toHaveLength(1);
  });

  it("stays ignored while only minute-to-minute values change, and fails again as soon as the record changes", async () => {
    const id = enrolBroken();
    await ignoreFailed(await world.sync("full"));
    world.simulator.account.patchDevice(id, { online: false, last_seen_at: "2026-11-23T04:00:00Z" });
    expect(await world.sync("full")).toMatchObject({ status: "completed", itemsIgnored: 1 });
    world.simulator.account.patchDevice(id, { nickname: "Repaired, nearly" });
    expect(await world.sync("full")).toMatchObject({
      status: "completed_with_errors",
      itemsFailed: 1,
      itemsIgnored: 0,
    });
  });

  it("is listed with its note, and counts as failed again if a person wants that", async () => {
    enrolBroken();
    await ignoreFailed(await world.sync("full"));
    const [record, ...others] = await ignored();
    expect(others).toEqual([]);
    expect(record).toMatchObject({ resource: "devices", note: "Level knows; ticket 4711", actor: "test" });
    expect(await stopIgnoring(world.deps, ref(), record!.id, TEST_ACTOR)).toEqual({ state: "stopped" });
    expect(await stopIgnoring(world.deps, ref(), record!.id, TEST_ACTOR)).toEqual({
      state: "unknown_record",
    });
    expect(await ignored()).toEqual([]);
    expect(await world.sync("full")).toMatchObject({ status: "completed_with_errors", itemsFailed: 1 });
    expect(await actions()).toMatchObject([{ action: "record.ignored" }, { action: "record.unignored" }]);
  });

  it("hides no other record that fails", async () => {
    enrolBroken();
    await ignoreFailed(await world.sync("full"));
    enrolBroken("NO-ID-EITHER");
    expect(await world.sync("full")).toMatchObject({
      status: "completed_with_errors",
      itemsFailed: 1,
      itemsIgnored: 1,
    });
  });
});

it("stays ignored for 90 days after the last sync that saw it, and while no full sync ends", async () => {
  const id = enrolBroken();
  await ignoreFailed(await world.sync("full"));
  const later = (days: number) => world.setNow(new Date(Date.now() + days * 24 * 60 * 60_000));
  later(60);
  expect(await world.sync("full")).toMatchObject({ itemsIgnored: 1 });
  world.simulator.account.removeDevice(id);
  later(149);
  await pruneDetails(world.deps);
  expect(await pruneOldIgnoredRecords(world.deps)).toBe(0);
  later(151);
  await pruneDetails(world.deps);
  expect(await pruneOldIgnoredRecords(world.deps)).toBe(0);
  await world.sync("full");
  expect(await pruneOldIgnoredRecords(world.deps)).toBe(1);
  expect(await ignored()).toEqual([]);
});

it("cannot be ignored by another tenant", async () => {
  enrolBroken();
  const run = await world.sync("full");
  const [record] = await issuesOf(run);
  const foreign = { tenantId: crypto.randomUUID(), runId: run.id, issueId: record!.id };
  expect(await ignoreRecord(world.deps, foreign, "Mine", TEST_ACTOR)).toEqual({ state: "unknown_record" });
});
