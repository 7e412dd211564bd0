import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { heldFingerprint, type SeenHeld } from "@db/queries/review/held";
import { countPlanned } from "@db/queries/device-sync/planned";
import { listDivergences } from "@db/queries/sync-runs/divergences";
import { pruneRunDetails } from "@db/queries/sync-runs/run-history";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import { readRunPlan } from "~/features/sync-runs/run-plan";
import { applyDryRun } from "~/features/sync-runs/apply-dry-run.server";
import { decideHeld } from "~/features/review/decide-held.server";
import { runDirect } from "~/features/sync-execution/run-direct";

import { TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createMappedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createMappedWorld({ devices: 110, seed: 11, updatesPerDevice: 0 });
});

afterEach(() => world.close());

const counts = (run: RunRow) =>
  withTenant(world.database.db, world.tenantId, (tx) => countPlanned(tx, world.tenantId, run.id));

async function apply(dryRun: RunRow): Promise<RunRow> {
  const { tenantId } = world;
  const outcome = await applyDryRun(world.deps, { tenantId, runId: dryRun.id }, TEST_ACTOR);
  if (outcome.state !== "queued") throw new Error(outcome.state);
  const ref = { tenantId, runId: outcome.run.id };
  for (;;) {
    await runDirect(world.deps, ref);
    const run = (await withTenant(world.database.db, tenantId, (tx) => getRun(tx, tenantId, ref.runId)))!;
    if (run.endedAt !== null) return run;
  }
}

const divergences = (dryRun: RunRow, run: RunRow) =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    listDivergences(
      tx,
      { tenantId: world.tenantId, runId: run.id, appliesRunId: dryRun.id },
      { place: "first", limit: 50 },
    ),
  );

/** A change of every kind. */
async function changeTheAccount() {
  const { account } = world.simulator;
  const rows = (await world.deviceRows()).filter((row) => row["client"] !== null);
  const [renamed, patched, moved, removed, left] = rows.map((row) => row["external_id"] as string);
  const elsewhere = rows.find((row) => row["client"] !== rows[2]!["client"])!["external_group_id"] as string;
  account.renameDevice(renamed!, "RECEPTION-01");
  account.patchDevice(patched!, { last_logged_in_user: "NEW\\user", total_memory: 64 * 2 ** 30 });
  account.moveDevice(moved!, elsewhere);
  account.removeDevice(removed!);
  account.moveDevice(left!, null);
  account.addDevice({ group_id: elsewhere, hostname: "BRAND-NEW" });
  return { renamed, patched, moved, removed, left };
}

describe("a dry run", () => {
  it("writes no asset, no group and nothing of the connection", async () => {
    const before = await world.deviceRows();
    const dryRun = await world.sync("dry_run");
    expect(dryRun).toMatchObject({ status: "completed", type: "dry_run" });
    expect(await world.deviceRows()).toEqual(before);
    expect((await counts(dryRun)).create).toBeGreaterThan(20);
  });

  it("of the first sync matches its application", async () => {
    const dryRun = await world.sync("dry_run");
    const run = await apply(dryRun);
    expect(run).toMatchObject({ type: "full", status: "completed", appliesRunId: dryRun.id });
    expect(await divergences(dryRun, run)).toEqual([]);
    expect(run.itemsCreated).toBe((await counts(dryRun)).create);
  });

  it("shows creations, changes field by field, moves, removals and skips, and applying it does exactly that", async () => {
    await world.sync("full");
    await changeTheAccount();
    const before = await world.deviceRows();
    const dryRun = await world.sync("dry_run");
    expect(await world.deviceRows()).toEqual(before);
    const planned = await counts(dryRun);
    expect(planned).toMatchObject({ create: 1, change: 2, move: 2, gone: 1 });
    expect(planned.skip).toBeGreaterThan(0);

    const run = await apply(dryRun);
    expect(await divergences(dryRun, run)).toEqual([]);
    expect(run).toMatchObject({ itemsGone: 1, itemsCreated: 1 });
  });

  describe("of devices that resemble existing assets matches its application:", () => {
    /** A mapped device with a serial number of its own. */
    async function known() {
      await world.sync("full");
      const row = (await world.deviceRows()).find((found) => found["client"] !== null)!;
      const { account } = world.simulator;
      const id = row["external_id"] as string;
      const device = account.patchDevice(id, { serial_number: "5CG9876XYZ", hostname: "FRONT-1" });
      await world.sync("full");
      return device;
    }

    async function planAndApply() {
      const before = await world.deviceRows();
      const dryRun = await world.sync("dry_run");
      expect(await world.deviceRows()).toEqual(before);
      const run = await apply(dryRun);
      expect(await divergences(dryRun, run)).toEqual([]);
      expect(run).toMatchObject({
        itemsCreated: dryRun.itemsCreated,
        itemsUpdated: dryRun.itemsUpdated,
        itemsSkipped: dryRun.itemsSkipped,
      });
      return { planned: await counts(dryRun), run };
    }

    it("a re-enrolled machine returns", async () => {
      const device = await known();
      world.simulator.account.addDevice({ ...device, id: "again" });
      world.simulator.account.removeDevice(device.id);
      const { planned } = await planAndApply();
      expect(planned).toMatchObject({ return: 1, gone: 1 });
      expect(planned).not.toHaveProperty("create");
    });

    it("a clone that is listed beside the original is a machine of its own", async () => {
      const device = await known();
      world.simulator.account.addDevice({ ...device, id: "clone" });
      const { planned } = await planAndApply();
      expect(planned).toMatchObject({ create: 1 });
    });

    it("two on different pages that claim one asset wait for a decision, three are machines of their own", async () => {
      const device = await known();
      const { account } = world.simulator;
      account.removeDevice(device.id);
      await world.sync("full");
      const fillPage = (of: string) => {
        for (let n = 0; n < 100; n++) account.addDevice({ group_id: null, hostname: `FILLER-${of}-${n}` });
      };
      account.addDevice({ ...device, id: "one" });
      fillPage("one");
      account.addDevice({ ...device, id: "two", serial_number: null, network_interfaces: [] });
      fillPage("two");
      const { planned: two, run } = await planAndApply();
      expect(two.skip).toBe(run.itemsSkipped);
      expect(two).not.toHaveProperty("return");

      account.patchDevice("two", { serial_number: "5CG9876XYZ", hostname: "FRONT-2" });
      account.addDevice({ ...device, id: "three", hostname: "FRONT-3" });
      account.patchDevice("one", { hostname: "FRONT-4", network_interfaces: [] });
      account.patchDevice("three", { network_interfaces: [] });
      const { planned: three } = await planAndApply();
      expect(three).toMatchObject({ create: 3 });
    });

    it("a serial number that new devices of other clients have too identifies nobody", async () => {
      const device = await known();
      const { account } = world.simulator;
      account.removeDevice(device.id);
      await world.sync("full");
      const rows = await world.deviceRows();
      const own = rows.find((row) => row["external_id"] === device.id)!["client"];
      const elsewhere = rows.find((row) => row["client"] !== null && row["client"] !== own)!;
      const clone = { ...device, network_interfaces: [] };
      account.addDevice({ ...clone, id: "one", hostname: "FRONT-9" });
      for (const id of ["two", "three"])
        account.addDevice({ ...clone, id, group_id: elsewhere["external_group_id"] as string });
      const { planned } = await planAndApply();
      expect(planned).toMatchObject({ create: 3 });
    });

    it("a re-enrolled fleet waits for its removals", async () => {
      await world.sync("full");
      const { account } = world.simulator;
      const rows = (await world.deviceRows()).filter((row) => row["client"] !== null).slice(0, 30);
      const ids = new Set(rows.map((row) => row["external_id"]));
      const devices = [...account.devices].filter((device) => ids.has(device.id));
      for (const [n, device] of devices.entries())
        account.patchDevice(device.id, { serial_number: `5CG98${100 + n}Q` });
      await world.sync("full");
      for (const device of [...account.devices].filter(({ id }) => ids.has(id))) {
        account.addDevice({ ...device, id: `${device.id}-again` });
        account.removeDevice(device.id);
      }
      const { planned } = await planAndApply();
      expect(planned).toMatchObject({ hold: 30 });
      expect(planned).not.toHaveProperty("create");
    });
  });

  it("applied after the account changed says what differs", async () => {
    await world.sync("full");
    const { patched } = await changeTheAccount();
    const dryRun = await world.sync("dry_run");
    world.simulator.account.patchDevice(patched!, { last_logged_in_user: "ANOTHER\\user" });
    world.simulator.account.addDevice({
      group_id: (await world.deviceRows())[0]!["external_group_id"] as string,
      hostname: "LATECOMER",
    });
    const run = await apply(dryRun);
    const differences = await divergences(dryRun, run);
    expect(differences.map((row) => [row.planned, row.done])).toContainEqual(["change", "change"]);
    expect(differences.some((row) => row.planned === null)).toBe(true);
    expect(differences).toHaveLength(2);
    expect(run.divergences).toBe(2);

    // The number stays, even if the details of the dry run are deleted before those of the run.
    const { db } = world.database;
    await pruneRunDetails(db, run.requestedAt, { limit: 10 });
    expect(await divergences(dryRun, run)).toHaveLength(2);
    await pruneRunDetails(db, new Date(run.endedAt!.getTime() + 1), { limit: 10 });
    expect(await divergences(dryRun, run)).toEqual([]);
    const plan = await withTenant(db, world.tenantId, (tx) => readRunPlan(tx, run));
    expect(plan.differences).toEqual({ total: 2, first: [] });
  });

  it("lists what would be held", async () => {
    await world.sync("full");
    const rows = (await world.deviceRows()).filter((row) => row["client"] !== null);
    for (const row of rows.slice(0, 30)) world.simulator.account.removeDevice(row["external_id"] as string);
    const dryRun = await world.sync("dry_run");
    expect(await counts(dryRun)).toMatchObject({ hold: 30 });
    const run = await apply(dryRun);
    expect(run).toMatchObject({ itemsHeld: 30, itemsGone: 0 });
    expect(await divergences(dryRun, run)).toEqual([]);
  });

  it("lists what is still held, however small a part of it is left", async () => {
    await world.sync("full");
    const rows = (await world.deviceRows()).filter((row) => row["skip_reason"] === null);
    for (const [n, row] of rows.slice(0, 30).entries())
      world.simulator.account.patchDevice(row["external_id"] as string, { nickname: `WIN-${n}` });
    expect(await world.sync("full")).toMatchObject({ itemsHeld: 30 });
    const { tenantId } = world;
    const seen = await withTenant(world.database.db, tenantId, (tx) =>
      queryRows<SeenHeld & Record<string, unknown>>(
        tx,
        sql`select id, ${heldFingerprint} as mark from rmm_held_changes h limit 15`,
      ),
    );
    const approval = { tenantId, which: { seen }, decision: "approve", actor: TEST_ACTOR } as const;
    const decided = await decideHeld(world.deps, approval);
    expect(decided).toMatchObject({ state: "decided", changes: 15 });

    const dryRun = await world.sync("dry_run");
    expect(await counts(dryRun)).toEqual({ hold: 15, skip: expect.any(Number) });
    const run = await apply(dryRun);
    expect(run).toMatchObject({ itemsHeld: 15, itemsRenamed: 0 });
    expect(await counts(run)).toMatchObject({ hold: 15 });
    expect(await divergences(dryRun, run)).toEqual([]);
  });

  it("is not applied by a running sync, and only a dry run can be applied", async () => {
    const dryRun = await world.sync("dry_run");
    const full = await world.sync("full");
    const { tenantId } = world;
    expect(await applyDryRun(world.deps, { tenantId, runId: full.id }, TEST_ACTOR)).toEqual({
      state: "unknown_run",
    });
    expect(await applyDryRun(world.deps, { tenantId, runId: dryRun.id }, TEST_ACTOR)).toMatchObject({
      state: "queued",
    });
    expect(await applyDryRun(world.deps, { tenantId, runId: dryRun.id }, TEST_ACTOR)).toMatchObject({
      state: "busy",
    });
  });
});
