import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { lockIntegration } from "@db/queries/connections/connections";
import { decideHeld, type HeldDecision } from "~/features/review/decide-held.server";
import { linkDevices } from "~/features/review/link-device.server";

import { createClient } from "../../support/factories";
import { countAllStatements } from "../../support/statements";
import { createSyncWorld, TEST_ACTOR, type SyncWorld } from "../../support/sync";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncWorld({ devices: 20 });
});
afterEach(() => world.close());

/** Number of assets whose moves to another client are held. */
async function holdMoves(n: number): Promise<void> {
  const { database, tenantId, connectionId } = world;
  const run = await world.sync("full");
  const [from, to] = [
    await createClient(database.db, { tenantId }),
    await createClient(database.db, { tenantId }),
  ];
  await database.db.execute(sql`
    with made as (
      insert into assets (id, tenant_id, client_id, asset_type, name)
      select gen_random_uuid(), ${tenantId}, ${from.id}, 'workstation', 'PC ' || n from generate_series(1, ${n}::int) n
      returning id, name
    )
    insert into rmm_held_changes (id, tenant_id, integration_id, run_id, external_id, asset_id, kind, state, name,
      from_value, to_value)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, ${run.id}, name, id, 'move', 'held', name, ${from.id},
      ${to.id} from made`);
}

const decide = (which: HeldDecision["which"]) =>
  decideHeld(world.deps, { tenantId: world.tenantId, which, decision: "approve", actor: TEST_ACTOR });

it("moves of a whole account are approved at once, each with an entry in the audit log", async () => {
  await holdMoves(6_000);
  expect(await decide({ filter: { kind: "move" } })).toEqual({
    state: "decided",
    changes: 6_000,
    gone: 0,
    changed: 0,
  });
  const [audits] = await queryRows<{ n: number }>(
    world.database.db,
    sql`select count(distinct target_id)::int as n from audit_log where action = 'asset.moved'`,
  );
  expect(audits!.n).toBe(6_000);
});

it("a decision waits for the page that is being written, and neither fails because of the other", async () => {
  await holdMoves(5);
  // A decision changes the reported state, and reporting takes the connection's lock as well.
  await world.database.db.execute(sql`update rmm_integrations set health = 'held'`);
  let decision: ReturnType<typeof decide> | undefined;
  await withTenant(world.database.db, world.tenantId, async (tx) => {
    await lockIntegration(tx, world.tenantId, world.connectionId);
    decision = decide({ filter: { kind: "move" } });
    await sleep(300);
    await tx.execute(sql`update rmm_held_changes set name = name || ' again'`);
  });
  expect(await decision).toEqual({ state: "decided", changes: 5, gone: 0, changed: 0 });
});

/** Devices that may each be one of two assets. Returns their reviews. */
async function askOfMany(n: number): Promise<string[]> {
  const { account } = world.simulator;
  const groupId = [...account.groups][0]!.id;
  const add = () =>
    account.addDevice({
      group_id: groupId,
      hostname: "TILL",
      nickname: null,
      serial_number: null,
      network_interfaces: [],
    });
  await world.sync("organizations");
  await world.mapAll();
  const old = [add(), add()];
  await world.sync("full");
  for (const { id } of old) account.removeDevice(id);
  await world.sync("full");
  for (let i = 0; i < n; i++) add();
  await world.sync("full");
  const rows = await queryRows<{ id: string }>(world.database.db, sql`select id from rmm_identity_reviews`);
  return rows.map(({ id }) => id);
}

it("hundreds of devices become assets of their own with as many statements as a few", async () => {
  const ids = await askOfMany(200);
  expect(ids).toHaveLength(200);
  const decide = (reviewIds: string[]) =>
    linkDevices(world.deps, { tenantId: world.tenantId, reviewIds, to: "new", actor: TEST_ACTOR });
  const few = await countAllStatements(world.database.db, () => decide(ids.slice(0, 2)));
  const many = await countAllStatements(world.database.db, async () => {
    expect(await decide(ids.slice(2))).toEqual({ state: "linked", devices: 198 });
  });
  expect(many).toBe(few);
  const [made] = await queryRows<{ n: number }>(
    world.database.db,
    sql`select count(distinct asset_id)::int as n from tenant_external_entity_mappings
        where display_name = 'TILL' and gone_at is null`,
  );
  expect(made!.n).toBe(200);
});
