import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { lockIntegration } from "@db/queries/integrations";
import { decideHeld, type HeldDecision } from "~/sync/decide-held";

import { createClient } from "../../support/factories";
import { createSyncWorld, TEST_ACTOR, type SyncWorld } from "../../support/sync";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncWorld({ devices: 20 });
});
afterEach(() => world.close());

/** So many assets whose moves to another client are held. */
async function holdMoves(n: number): Promise<void> {
  const { database, tenantId, integrationId } = world;
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
    select gen_random_uuid(), ${tenantId}, ${integrationId}, ${run.id}, name, id, 'move', 'held', name, ${from.id},
      ${to.id} from made`);
}

const decide = (which: HeldDecision["which"]) =>
  decideHeld(world.deps, { tenantId: world.tenantId, which, decision: "approve", actor: TEST_ACTOR });

it("moves of a whole account are approved at once, and each is written to the audit log", async () => {
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

it("a decision waits for the page that is being written, and neither fails for the other", async () => {
  await holdMoves(5);
  // What people were told changes with the decision, and telling it takes the connection's lock as well.
  await world.database.db.execute(sql`update rmm_integrations set health = 'held'`);
  let decision: ReturnType<typeof decide> | undefined;
  await withTenant(world.database.db, world.tenantId, async (tx) => {
    await lockIntegration(tx, world.tenantId, world.integrationId);
    decision = decide({ filter: { kind: "move" } });
    await sleep(300);
    await tx.execute(sql`update rmm_held_changes set name = name || ' again'`);
  });
  expect(await decision).toEqual({ state: "decided", changes: 5, gone: 0, changed: 0 });
});
