import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { connect } from "~/features/connections/connect.server";
import { formIncidents } from "~/features/incidents/form-incidents";
import { resolveDueIncidents, resolveIncidentInRmm } from "~/features/incidents/resolve-in-rmm.server";
import { createSyncWorld, TEST_ACTOR, type SyncWorld } from "@tests/support/sync";

let world: SyncWorld;
beforeEach(async () => {
  world = await createSyncWorld({ devices: 5, alerts: 0 });
  const { account } = world.simulator;
  for (const device of [...account.devices].slice(0, 3)) account.openAlert(device.id, { name: "Disk full" });
  await world.sync("alerts");
  await formIncidents(world.deps);
});
afterEach(() => world.close());

const incident = async () => {
  const rows = await queryRows<{ id: string; active: number }>(
    world.database.db,
    sql`select i.id, (select count(*)::int from rmm_alerts a where a.incident_id = i.id and a.status = 'active') as active
        from incidents i where i.tenant_id = ${world.tenantId} order by active desc limit 1`,
  );
  return rows[0]!;
};
const timeline = async (id: string) =>
  (
    await queryRows<{ kind: string }>(
      world.database.db,
      sql`select kind from incident_entries where incident_id = ${id} and kind like '%rmm%' order by at, id`,
    )
  ).map(({ kind }) => kind);
const ask = async () => {
  const { id } = await incident();
  return resolveIncidentInRmm(world.deps, { tenantId: world.tenantId, incidentId: id }, TEST_ACTOR);
};

it("all active alerts of an incident are resolved in Level, and the timeline and the audit log say who asked", async () => {
  const { id, active } = await incident();
  expect(active).toBeGreaterThan(0);
  expect(await ask()).toBe(true);
  expect(await ask()).toBe(false);
  await resolveDueIncidents(world.deps);
  const { account } = world.simulator;
  expect([...account.alerts].filter((alert) => !alert.is_resolved).length).toBe(3 - active);
  expect(await timeline(id)).toEqual(["person_rmm_resolution", "rmm_resolved"]);
  const log = await queryRows<{ action: string }>(
    world.database.db,
    sql`select action from audit_log where tenant_id = ${world.tenantId} and action like 'incident.%'`,
  );
  expect(log).toEqual([{ action: "incident.rmm_resolution_requested" }]);
});

it("with a read-only key it gives up, says why and changes nothing", async () => {
  const { tenantId, connectionId, simulator } = world;
  const account = { tenantId, connectionId, provider: "levelio", actor: TEST_ACTOR };
  await connect(world.deps, { ...account, apiKey: simulator.readOnlyApiKey });
  const { id, active } = await incident();
  await ask();
  await resolveDueIncidents(world.deps);
  expect(await timeline(id)).toEqual(["person_rmm_resolution", "rmm_not_resolved"]);
  expect((await incident()).active).toBe(active);
  expect(await resolveDueIncidents(world.deps)).toBe(0);
});

it("while Level is down it waits and tries again, and nothing is lost", async () => {
  const { faults } = world.simulator;
  faults.add({ kind: "status", status: 503, resource: "alerts", times: 1_000 });
  const { id } = await incident();
  await ask();
  await resolveDueIncidents(world.deps);
  expect(await timeline(id)).toEqual(["person_rmm_resolution"]);
  const waiting = await queryRows<{ lastError: string | null }>(
    world.database.db,
    sql`select last_error as "lastError" from incident_resolutions where incident_id = ${id}`,
  );
  expect(waiting).toMatchObject([{ lastError: expect.any(String) }]);
});
