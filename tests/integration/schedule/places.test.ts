import { afterEach, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { getRun } from "@db/queries/sync-runs/runs";
import { connect } from "~/features/connections/connect.server";
import { requestSync } from "~/features/sync-engine/request-sync";

import { createDurableWorld, type DurableWorld } from "../../support/durable";
import { createTenant } from "../../support/factories";
import { deferSchedules } from "../../support/schedule";
import { TEST_ACTOR } from "../../support/sync";

let durable: DurableWorld;
afterEach(() => durable.close());

it("a company whose syncs all wait for Level delays no other company's sync", async () => {
  durable = await createDurableWorld({ devices: 40, seed: 3 });
  const { app, world } = durable;
  const { id: tenantId } = await createTenant(app.db);
  const { apiKey } = world.simulator;
  const saved = { tenantId, provider: "levelio", label: "Other", apiKey, actor: TEST_ACTOR };
  const connected = await connect(app.sync, saved);
  if (connected.state !== "saved") throw new Error(connected.state);
  await deferSchedules(app.db);
  // Six devices of the first company, none of which Level ever answers.
  const hanging = world.simulator.faults.add({ kind: "hang", resource: "devices", target: "item" });
  for (const { id } of [...world.simulator.account.devices].slice(0, 6)) await durable.request("device", id);
  while (hanging.hits < 3) await new Promise((resolve) => setTimeout(resolve, 20));

  const request = { tenantId, connectionId: connected.integration.id, type: "organizations" } as const;
  const outcome = await requestSync(app.sync, { ...request, trigger: "manual", actor: "test" });
  if (outcome.state !== "queued") throw new Error(outcome.state);
  const ended = async () =>
    (await withTenant(app.db, tenantId, (tx) => getRun(tx, tenantId, outcome.run.id)))!.endedAt !== null;
  while (!(await ended())) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(hanging.hits).toBe(3);
  world.simulator.faults.clear();
});
