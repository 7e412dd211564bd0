import { afterAll, beforeAll, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { getRun } from "@db/queries/sync-runs/runs";
import { beginRun } from "~/features/sync-execution/begin-run";
import { cancelSync } from "~/features/sync-execution/cancel-sync.server";
import { requestSync } from "~/features/sync-engine/request-sync";

import { createSyncWorld, type SyncWorld } from "../../support/sync";

let world: SyncWorld;
beforeAll(async () => {
  world = await createSyncWorld({ devices: 5 });
});
afterAll(() => world.close());

const request = () =>
  requestSync(world.deps, {
    tenantId: world.tenantId,
    connectionId: world.connectionId,
    type: "full",
    trigger: "manual",
    actor: "test",
  });

it("a request joins the open run, and one that arrives as that run ends gets a run of its own", async () => {
  world.setNow(new Date());
  const first = await request();
  if (first.state !== "queued") throw new Error(first.state);
  expect(await request()).toMatchObject({ state: "joined", run: { id: first.run.id } });
  await cancelSync(world.deps, { tenantId: world.tenantId, runId: first.run.id });
  // In the same millisecond.
  const second = await request();
  expect(second).toMatchObject({ state: "queued" });
  expect(second).not.toMatchObject({ run: { id: first.run.id } });
});

it("a deletion reported by the provider counts for the device's run that has not begun, and for no other", async () => {
  const { deps, tenantId, connectionId } = world;
  const ask = async (isReportedGone: boolean) => {
    const asked = { tenantId, connectionId, trigger: "webhook", actor: "test", isReportedGone } as const;
    const outcome = await requestSync(deps, { ...asked, type: "device", externalDeviceId: "device-1" });
    if (!("run" in outcome)) throw new Error(outcome.state);
    return outcome;
  };
  const read = (id: string) => withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, id));
  const queued = (await ask(false)).run;
  expect(await ask(true)).toMatchObject({ state: "joined", run: { id: queued.id, isReportedGone: true } });
  expect(await read(queued.id)).toMatchObject({ isReportedGone: true });
  await ask(false);
  expect(await read(queued.id)).toMatchObject({ isReportedGone: true });

  await cancelSync(deps, { tenantId, runId: queued.id });
  const begun = (await ask(false)).run;
  await beginRun(deps, { tenantId, runId: begun.id });
  expect(await ask(true)).toMatchObject({ state: "joined", run: { id: begun.id, status: "running" } });
  expect(await read(begun.id)).toMatchObject({ isReportedGone: false });
});
