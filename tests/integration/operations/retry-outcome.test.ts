import { eq } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { rmmEvents, rmmSyncRunErrors, rmmSyncRuns } from "@db/schema";
import { retryFailed } from "~/features/sync-runs/retry-failed.server";

import { assetOf, type SyncWorld } from "../../support/sync";
import { createMappedWorld } from "../../support/synced-world";

let world: SyncWorld;
beforeEach(async () => {
  world = await createMappedWorld({ devices: 5, alerts: 0 });
});
afterEach(() => world.close());

const runs = () => world.database.db.select().from(rmmSyncRuns).orderBy(rmmSyncRuns.requestedAt);
const issuesOf = (runId: string) =>
  world.database.db.select().from(rmmSyncRunErrors).where(eq(rmmSyncRunErrors.runId, runId));

/** Retries the failed records of a run, and waits for the runs that this takes. */
async function retry(runId: string) {
  const outcome = await retryFailed(world.deps, { tenantId: world.tenantId, runId }, "me");
  expect(outcome).toMatchObject({ state: "queued", queued: 1 });
  const retried = async () => (await runs()).filter(({ actor }) => actor === "me");
  await expect.poll(async () => (await retried()).every(({ endedAt }) => endedAt !== null)).toBe(true);
  return (await retried()).at(-1)!;
}
const failures = async () =>
  (await world.database.db.select().from(rmmEvents)).filter(({ name }) => name === "RMM_SYNC_FAILED");

it("a retried device that still cannot be read is a failed record, with id, field and reason", async () => {
  const device = [...world.simulator.account.devices].find(({ group_id }) => group_id !== null)!;
  world.simulator.account.patchDevice(device.id, { nickname: "Front desk" });
  world.simulator.faults.add({
    kind: "status",
    status: 200,
    body: "{}",
    resource: "devices",
    target: "item",
  });
  const first = await world.sync("device", device.id);
  expect(first).toMatchObject({ status: "completed_with_errors", itemsFailed: 1, itemsGone: 0 });

  const again = await retry(first.id);
  expect(again).toMatchObject({ status: "completed_with_errors", itemsFailed: 1, itemsSeen: 1 });
  expect(await issuesOf(again.id)).toMatchObject([
    { resource: "devices", severity: "record", externalId: device.id, field: "id" },
  ]);
  expect(await failures()).toEqual([]);

  world.simulator.faults.clear();
  expect(await retry(again.id)).toMatchObject({ status: "completed", itemsFailed: 0 });
  expect((await assetOf(world, device.id))!.asset.name).toBe("Front desk");
});

it("a retried alert that still cannot be read is a failed record too, and is opened once it can be read", async () => {
  const { account, faults } = world.simulator;
  const alert = account.openAlert([...account.devices][0]!.id);
  account.patchAlert(alert.id, { device_id: null });
  const first = await world.sync("alerts");
  expect(first).toMatchObject({ status: "completed_with_errors", itemsFailed: 1 });

  faults.add({ kind: "status", status: 200, body: "[]", resource: "alerts", target: "item", times: 1 });
  const again = await retry(first.id);
  expect(again).toMatchObject({ type: "alerts", status: "completed_with_errors", itemsFailed: 1 });
  expect(await issuesOf(again.id)).toMatchObject([
    { externalId: alert.id, reason: "expected a record, got a list" },
  ]);
  expect(await failures()).toEqual([]);

  expect(await retry(again.id)).toMatchObject({ status: "completed", itemsCreated: 1, itemsFailed: 0 });
});
