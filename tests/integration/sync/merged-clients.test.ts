import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant, type TenantDb } from "@db/client";
import { heldFingerprint, keepHeldFields } from "@db/queries/review/held";
import { lockIntegration } from "@db/queries/connections/connections";
import { archiveClient } from "~/features/clients/clients.server";
import { mergeClient } from "~/features/clients/merge.server";
import type { RmmProvider } from "~/connectors/rmm-provider";
import { decideHeld } from "~/features/review/decide-held.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";

import { createClient } from "../../support/factories";
import { TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;
/** The client with the most assets, and one without any. */
let from: string;
let into: string;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 160, seed: 11, updatesPerDevice: 0 });
  const [largest] = await rows<{ id: string }>(
    sql`select client_id as id from assets group by client_id order by count(*) desc limit 1`,
  );
  from = largest!.id;
  into = (await createClient(world.database.db, { tenantId: world.tenantId, name: "Into" })).id;
});
afterEach(() => world.close());

const rows = <Row extends Record<string, unknown>>(query: ReturnType<typeof sql>) =>
  queryRows<Row>(world.database.db, query);
const acting = () =>
  ({
    tenantId: world.tenantId,
    inTenant: (work: (tx: TenantDb) => Promise<unknown>) =>
      withTenant(world.database.db, world.tenantId, work),
    audit: () => Promise.resolve(),
    app: { clock: world.deps.clock },
    user: { id: null, email: TEST_ACTOR.name },
    ip: null,
  }) as unknown as Parameters<typeof mergeClient>[0];
const merge = () => mergeClient(acting(), from, into);
const assetsOf = async (clientId: string) =>
  (await rows(sql`select id from assets where client_id = ${clientId}`)).length;
const heldMoves = () =>
  rows<{ id: string; mark: string; fromValue: string; toValue: string }>(
    sql`select h.id, ${heldFingerprint} as mark, h.from_value as "fromValue", h.to_value as "toValue"
        from rmm_held_changes h where h.kind = 'move'`,
  );

/** Level puts many devices of other clients under a group of the client `from`: too many, so they are held. */
async function holdMovesTo(clientId: string) {
  const [group] = await rows<{ id: string }>(
    sql`select external_id as id from rmm_organization_mappings where client_id = ${clientId} limit 1`,
  );
  const devices = await rows<{ id: string }>(
    sql`select m.external_id as id from tenant_external_entity_mappings m join assets a on a.id = m.asset_id
        where a.client_id <> ${clientId} order by m.external_id limit 45`,
  );
  for (const { id } of devices) world.simulator.account.moveDevice(id, group!.id);
  expect(await world.sync("full")).toMatchObject({ itemsHeld: 45 });
}

describe("held moves whose client is merged into another", () => {
  it("lead to the other, and fill nothing archived when they are approved", async () => {
    await holdMovesTo(from);
    await merge();
    const waiting = await heldMoves();
    expect(waiting).toHaveLength(45);
    for (const { toValue } of waiting) expect(toValue).toBe(into);
    const before = await assetsOf(into);
    const which = { seen: waiting };
    await decideHeld(world.deps, { tenantId: world.tenantId, which, decision: "approve", actor: TEST_ACTOR });
    expect(await assetsOf(from)).toBe(0);
    expect(await assetsOf(into)).toBe(before + 45);
    expect(await world.sync("full")).toMatchObject({ itemsUpdated: 0, itemsHeld: 0 });
  });

  it("are withdrawn if they lead from one of the two to the other", async () => {
    await holdMovesTo(from);
    const [move] = await heldMoves();
    await rows(sql`update rmm_held_changes set from_value = ${into} where id = ${move!.id}`);
    await merge();
    const left = await heldMoves();
    expect(left).toHaveLength(44);
    expect(left.map(({ id }) => id)).not.toContain(move!.id);
  });

  it("move nothing into a client that was archived meanwhile", async () => {
    await holdMovesTo(from);
    const before = await assetsOf(from);
    await rows(sql`update clients set archived_at = now() where id = ${from}`);
    const which = { filter: {} };
    await decideHeld(world.deps, { tenantId: world.tenantId, which, decision: "approve", actor: TEST_ACTOR });
    expect(await assetsOf(from)).toBe(before);
  });

  it("stay decided if a person has kept the asset's own client", async () => {
    await holdMovesTo(from);
    const [move] = await heldMoves();
    await withTenant(world.database.db, world.tenantId, (tx) =>
      keepHeldFields(tx, world.tenantId, "move", [move!.id], new Date()),
    );
    await merge();
    const kept = await rows(
      sql`select kept_over ->> 'client' as client from assets where kept_over ? 'client'`,
    );
    expect(kept).toEqual([{ client: into }]);
  });
});

describe("a merge during a sync", () => {
  /** A full sync that runs a hook after it has written its first page of devices. */
  async function syncAnd(atSecondPage: () => Promise<unknown>) {
    const { tenantId, connectionId, deps } = world;
    const openProvider: typeof deps.openProvider = async (...args) =>
      withPages(await deps.openProvider(...args), atSecondPage);
    const request = {
      tenantId,
      connectionId,
      type: "full" as const,
      trigger: "manual" as const,
      actor: "test",
    };
    const outcome = await requestSync(deps, request);
    if (outcome.state !== "queued") throw new Error(`not queued: ${outcome.state}`);
    await runDirect({ ...deps, openProvider }, { tenantId, runId: outcome.run.id });
  }

  const withPages = (provider: RmmProvider, atSecondPage: () => Promise<unknown>): RmmProvider => {
    const listDevices: RmmProvider["listDevices"] = async function* (filter, walk) {
      let sequence = 0;
      for await (const page of provider.listDevices(filter, walk)) {
        if (++sequence === 2) await atSecondPage();
        yield page;
      }
    };
    return new Proxy(provider, {
      get: (target, name) => (name === "listDevices" ? listDevices : (Reflect.get(target, name) as unknown)),
    });
  };

  it("sends every later page to the remaining client", async () => {
    const before = await assetsOf(from);
    // All devices are news to the following pages.
    await rows(sql`update tenant_external_entity_mappings set content_hash = 'other'`);
    await syncAnd(merge);
    expect(await assetsOf(from)).toBe(0);
    expect(await assetsOf(into)).toBe(before);
    expect(await heldMoves()).toEqual([]);
  });

  it("is waited for by a page, or waits for it, and neither fails", async () => {
    const { database, tenantId, connectionId } = world;
    let merged: ReturnType<typeof merge> | undefined;
    await withTenant(database.db, tenantId, async (tx) => {
      await lockIntegration(tx, tenantId, connectionId);
      merged = merge();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await tx.execute(sql`update assets set updated_at = now() where client_id = ${from}`);
    });
    expect(await merged).toMatchObject({ state: "merged" });
    expect(await assetsOf(from)).toBe(0);
  });

  it("leaves no groups with a client that is archived at the same moment", async () => {
    for (let round = 0; round < 6; round++) {
      const { id } = await createClient(world.database.db, { tenantId: world.tenantId });
      into = id;
      await Promise.all([merge(), archiveClient(acting(), into)]);
      const lost = await rows(
        sql`select g.id from rmm_organization_mappings g join clients c on c.id = g.client_id
            where c.archived_at is not null`,
      );
      expect(lost).toEqual([]);
      const [{ isMerged }] = (await rows<{ isMerged: boolean }>(
        sql`select archived_at is not null as "isMerged" from clients where id = ${from}`,
      )) as [{ isMerged: boolean }];
      if (isMerged) from = into;
    }
  });
});
