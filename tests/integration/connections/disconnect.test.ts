import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { connect } from "~/features/connections/connect.server";
import { disconnect } from "~/features/connections/disconnect.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";
import { TEST_ACTOR, type SyncWorld } from "@tests/support/sync";
import { createSyncedWorld } from "@tests/support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 40, seed: 3 });
});
afterEach(() => world.close());

const ref = () => ({ tenantId: world.tenantId, connectionId: world.connectionId, actor: TEST_ACTOR });
const rows = (statement: ReturnType<typeof sql>) => queryRows(world.database.db, statement);
const integration = async () => (await rows(sql`select * from rmm_integrations`))[0]!;
const statuses = () => rows(sql`select status, count(*)::int as n from assets group by 1 order by 1`);
const reconnect = (apiKey = world.simulator.apiKey) =>
  connect(world.deps, { ...ref(), provider: "levelio", apiKey });

describe("disconnecting", () => {
  it("removes the secrets and records it, in the audit log and as an event", async () => {
    expect(await disconnect(world.deps, { ...ref(), assets: "keep" })).toMatchObject({
      state: "disconnected",
    });
    expect(await integration()).toMatchObject({
      status: "disconnected",
      key_last_characters: null,
      next_full_sync_at: null,
    });
    expect(await rows(sql`select id from tenant_secrets`)).toEqual([]);
    expect(await rows(sql`select data from rmm_events where name = 'INTEGRATION_DISCONNECTED'`)).toEqual([
      { data: { tenantId: world.tenantId, integrationId: world.connectionId } },
    ]);
    expect(
      await rows(sql`select actor, details from audit_log where action = 'integration.disconnected'`),
    ).toEqual([{ actor: "test", details: { label: "Level", assets: "keep", retired: 0, cancelledRuns: 0 } }]);
  });

  it("keeps the assets as they are if asked to", async () => {
    const before = await world.deviceRows();
    await disconnect(world.deps, { ...ref(), assets: "keep" });
    expect(await world.deviceRows()).toEqual(before);
  });

  it("marks every asset as no longer managed if asked to, with the reason", async () => {
    const [active] = await statuses();
    const outcome = await disconnect(world.deps, { ...ref(), assets: "retire" });
    expect(outcome).toMatchObject({ state: "disconnected", retired: world.simulator.account.devices.size });
    expect(await statuses()).toEqual([{ status: "gone", n: active!["n"] }]);
    expect(await rows(sql`select distinct gone_reason from assets`)).toEqual([
      { gone_reason: "the connection to its RMM account was removed" },
    ]);
  });

  it("cancels open runs, and nothing can be started afterwards", async () => {
    const request = { ...ref(), type: "full" as const, trigger: "manual" as const, actor: "test" };
    const started = await requestSync(world.deps, request);
    if (started.state !== "queued") throw new Error(started.state);
    expect(await disconnect(world.deps, { ...ref(), assets: "keep" })).toMatchObject({ cancelledRuns: 1 });
    const before = await world.deviceRows();
    await runDirect(world.deps, { tenantId: world.tenantId, runId: started.run.id });
    expect(await rows(sql`select status from rmm_sync_runs where id = ${started.run.id}`)).toEqual([
      { status: "cancelled" },
    ]);
    expect(await world.deviceRows()).toEqual(before);
    expect(await requestSync(world.deps, request)).toEqual({ state: "disconnected" });
  });

  it("stops a running sync between two pages, leaving whole pages", async () => {
    world.simulator.faults.add({ kind: "slow", ms: 300, resource: "devices" });
    const request = { ...ref(), type: "full" as const, trigger: "manual" as const, actor: "test" };
    const started = await requestSync(world.deps, request);
    if (started.state !== "queued") throw new Error(started.state);
    const running = runDirect(world.deps, { tenantId: world.tenantId, runId: started.run.id });
    await expect
      .poll(async () => (await rows(sql`select status from rmm_sync_runs where id = ${started.run.id}`))[0])
      .toEqual({ status: "running" });
    await disconnect(world.deps, { ...ref(), assets: "retire" });
    await running;
    expect(await rows(sql`select status from rmm_sync_runs where id = ${started.run.id}`)).toEqual([
      { status: "cancelled" },
    ]);
    expect((await statuses()).map((row) => row["status"])).toEqual(["gone"]);
    expect(await integration()).toMatchObject({ status: "disconnected", sync_status: "completed" });
  });

  it("happens once, however often it is requested", async () => {
    await disconnect(world.deps, { ...ref(), assets: "keep" });
    expect(await disconnect(world.deps, { ...ref(), assets: "retire" })).toEqual({
      state: "already_disconnected",
    });
    expect((await statuses()).map((row) => row["status"])).toEqual(["active"]);
    expect(await rows(sql`select id from rmm_events where name = 'INTEGRATION_DISCONNECTED'`)).toHaveLength(
      1,
    );
  });

  it("does nothing to a connection of another tenant", async () => {
    const foreign = { ...ref(), tenantId: "0193a0f2-0000-7000-8000-000000000000" };
    expect(await disconnect(world.deps, { ...foreign, assets: "retire" })).toEqual({
      state: "unknown_integration",
    });
    expect(await integration()).toMatchObject({ status: "active" });
  });
});

describe("connecting again", () => {
  it("continues with the stored mappings and assets", async () => {
    const before = await world.deviceRows();
    const mapped = await rows(
      sql`select external_id, state, client_id from rmm_organization_mappings order by 1`,
    );
    const ids = await rows(sql`select id from assets order by id`);
    await disconnect(world.deps, { ...ref(), assets: "retire" });
    expect(await reconnect()).toMatchObject({ state: "saved", isNew: false });
    await world.sync("full");
    expect(await world.deviceRows()).toEqual(before);
    expect(await rows(sql`select id from assets order by id`)).toEqual(ids);
    expect(
      await rows(sql`select external_id, state, client_id from rmm_organization_mappings order by 1`),
    ).toEqual(mapped);
  });

  it("makes a new webhook secret, because the old one was removed", async () => {
    await disconnect(world.deps, { ...ref(), assets: "keep" });
    await reconnect();
    expect(await rows(sql`select name from tenant_secrets order by name`)).toEqual([
      { name: "api_key" },
      { name: "webhook_secret" },
    ]);
  });

  it("is refused with a key that does not work, and leaves the connection as it was", async () => {
    await disconnect(world.deps, { ...ref(), assets: "keep" });
    expect(await reconnect("wrong")).toMatchObject({ state: "refused" });
    expect(await integration()).toMatchObject({ status: "disconnected", key_last_characters: null });
  });
});
