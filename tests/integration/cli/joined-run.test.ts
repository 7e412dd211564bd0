import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import type { App } from "~/platform/app.server";
import { beginRun } from "~/features/sync-execution/begin-run";
import { requestSync } from "~/features/sync-engine/request-sync";

import { ensureExecution, followRun } from "../../../cli/follow-run";
import { createSyncWorld, type SyncWorld } from "../../support/sync";

let world: SyncWorld;
beforeEach(async () => {
  world = await createSyncWorld({ devices: 30, seed: 3 });
});
afterEach(() => world.close());

const app = () => ({ ...world.deps, sync: world.deps }) as unknown as App;

/** A direct run that another process has started. */
async function beginElsewhere(): Promise<RunRow> {
  const { deps, tenantId, connectionId } = world;
  const request = { tenantId, connectionId, type: "full", trigger: "cli", actor: "cli" } as const;
  const asked = await requestSync(deps, request);
  if (asked.state !== "queued") throw new Error(asked.state);
  const ref = { tenantId, runId: asked.run.id };
  await beginRun(deps, ref);
  return (await withTenant(deps.db, tenantId, (tx) => getRun(tx, tenantId, ref.runId)))!;
}

it("leaves a direct run to the process that executes it, and takes it over once that process is silent", async () => {
  const run = await beginElsewhere();
  const { requests } = world.simulator.stats;
  expect(await ensureExecution(app(), run, "joined")).toBe(false);
  await sleep(600);
  expect(world.simulator.stats.requests).toBe(requests);

  world.setNow(new Date(Date.now() + 3 * 60_000));
  expect(await followRun(app(), run)).toMatchObject({ status: "completed", itemsSeen: 30 });
});
