import { sql } from "drizzle-orm";
import { expect, it } from "vitest";

import { queryRows } from "@db/client";
import { formIncidents } from "~/features/incidents/form-incidents";
import type { SyncDeps } from "~/platform/ports";

import { createDurableWorld } from "../../support/durable";
import { createSyncWorld, type SyncWorld } from "../../support/sync";

const QUIET_MS = 10 * 60_000;

it("alerts and incidents are published alike under both transports", async () => {
  const durable = await onTheRunner();
  expect(durable).toEqual(await inTheCallingProcess());
  expect(durable).toEqual([
    { name: "INCIDENT_OPENED", n: 3 },
    { name: "INCIDENT_RESOLVED", n: 3 },
    { name: "RMM_ALERT_RESOLVED", n: 3 },
    { name: "RMM_ALERT_TRIGGERED", n: 3 },
  ]);
});

const account = { devices: 6, alerts: 0, seed: 5 };

async function onTheRunner() {
  let aheadMs = 0;
  const { world, app, request, ended, close } = await createDurableWorld(account, {
    clock: () => new Date(Date.now() + aheadMs),
  });
  try {
    const sync = async (type: "full" | "alerts") => ended(await request(type));
    return await live(world, app.sync, sync, () => (aheadMs += QUIET_MS));
  } finally {
    await close();
  }
}

async function inTheCallingProcess() {
  const world = await createSyncWorld(account);
  try {
    await world.sync("organizations");
    await world.mapAll();
    const later = () => world.setNow(new Date(Date.now() + QUIET_MS));
    return await live(world, world.deps, (type) => world.sync(type), later);
  } finally {
    await world.close();
  }
}

/** Three conditions begin and end, and their incidents close. Returns the published alert events. */
async function live(
  { simulator, database, tenantId }: SyncWorld,
  deps: SyncDeps,
  sync: (type: "full" | "alerts") => Promise<{ status: string }>,
  later: () => void,
) {
  const syncAndForm = async (type: "full" | "alerts") => {
    expect(await sync(type)).toMatchObject({ status: "completed" });
    await formIncidents(deps);
  };
  await syncAndForm("full");
  const begun = [...simulator.account.devices]
    .slice(0, 3)
    .map(({ id }, n) => simulator.account.openAlert(id, { name: `Condition ${n}` }));
  await syncAndForm("alerts");
  for (const { id } of begun) simulator.account.resolveAlert(id);
  await syncAndForm("alerts");
  later();
  await formIncidents(deps);
  return queryRows(
    database.db,
    sql`select name, count(*)::int as n from rmm_events
        where tenant_id = ${tenantId} and (name like 'INCIDENT%' or name like 'RMM_ALERT%')
        group by name order by name`,
  );
}
