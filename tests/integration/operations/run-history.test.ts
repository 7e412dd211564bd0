import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { queryRows, withTenant, type TenantDb } from "@db/client";
import { insertIssues } from "@db/queries/sync-runs/runs";
import { listIssues } from "@db/queries/sync-runs/run-issues";
import { pruneOldEvents } from "~/features/sync-runs/prune";
import { MAX_RETRIED, retryFailed } from "~/features/sync-runs/retry-failed.server";
import type { SyncDeps } from "~/platform/ports";

import { makeEndedRun, type EndedRun } from "../../support/ended-run";
import { createIntegration } from "../../support/factories";
import { countAllStatements } from "../../support/statements";
import { createWebWorld, type WebWorld } from "../../support/web";

const DAY = 24 * 60 * 60_000;
const NOW = new Date("2026-11-23T04:00:00Z");

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let connectionId: string;

beforeAll(async () => {
  web = await createWebWorld();
  web.setNow(NOW);
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.tenant();
  connectionId = (await createIntegration(web.app.db, { tenantId: tenant.id })).id;
});

const makeRun = (run: EndedRun = {}) =>
  makeEndedRun(web.app.db, { tenantId: tenant.id, connectionId, now: NOW }, run);

const queuedDevices = () =>
  queryRows<{ id: string; actor: string }>(
    web.app.db,
    sql`select target_external_id as id, actor from rmm_sync_runs
        where tenant_id = ${tenant.id} and type = 'device' and status = 'queued' order by 1`,
  );

it("retries the devices that failed, each once, and nothing else", async () => {
  const runId = await makeRun({ failedDevices: ["dev-2", "dev-1", "dev-2"] });
  const ref = { tenantId: tenant.id, runId };
  expect(await retryFailed(web.app.sync, ref, "me@example.com")).toEqual({
    state: "queued",
    queued: 2,
    joined: 0,
    more: false,
  });
  expect(await queuedDevices()).toEqual([
    { id: "dev-1", actor: "me@example.com" },
    { id: "dev-2", actor: "me@example.com" },
  ]);
  expect(await retryFailed(web.app.sync, ref, "me@example.com")).toMatchObject({ queued: 0, joined: 2 });
});

it("retries failed alerts by id, the device of a failed update, and all groups at once", async () => {
  const runId = await makeRun();
  await web.app.db.execute(sql`
    insert into rmm_device_updates (id, tenant_id, integration_id, external_update_id, external_device_id, name,
      is_available, content_hash, observed_at)
    values (gen_random_uuid(), ${tenant.id}, ${connectionId}, 'an-update', 'its-device', 'KB1', true, '', now())`);
  const issue = { severity: "record", name: null, field: null, reason: "odd" } as const;
  await withTenant(web.app.db, tenant.id, (tx) =>
    insertIssues(tx, tenant.id, runId, [
      { ...issue, resource: "alerts", externalId: "an-alert" },
      { ...issue, resource: "updates", externalId: "of-a-device-that-nobody-knows" },
      { ...issue, resource: "groups", externalId: "one-group" },
      { ...issue, resource: "groups", externalId: "another" },
    ]),
  );
  const outcome = await retryFailed(web.app.sync, { tenantId: tenant.id, runId }, "me");
  expect(outcome).toEqual({ state: "queued", queued: 3, joined: 0, more: false });
  const queued = await queryRows(
    web.app.db,
    sql`select type, target_external_id as target from rmm_sync_runs
        where tenant_id = ${tenant.id} and status = 'queued' order by 1`,
  );
  expect(queued).toEqual([
    { type: "alerts", target: "an-alert" },
    { type: "device", target: "its-device" },
    { type: "organizations", target: "" },
  ]);
});

it("leaves the rest of very many to a full sync, and says so", async () => {
  const failedDevices = Array.from({ length: MAX_RETRIED + 5 }, (_, n) => `dev-${n}`);
  const runId = await makeRun({ failedDevices });
  const outcome = await retryFailed(web.app.sync, { tenantId: tenant.id, runId }, "me");
  expect(outcome).toMatchObject({ queued: MAX_RETRIED, more: true });
});

it("retries two hundred devices with a few more statements than two", async () => {
  const deps: SyncDeps = { ...web.app.sync, transport: "inngest", nudge: () => {} };
  const statements = async (n: number) => {
    const failedDevices = Array.from({ length: n }, (_, each) => `of-${n}-${each}`);
    const ref = { tenantId: tenant.id, runId: await makeRun({ failedDevices }) };
    return countAllStatements(web.app.db, async () => {
      expect(await retryFailed(deps, ref, "me")).toMatchObject({ queued: n });
    });
  };
  expect(await statements(200)).toBeLessThan((await statements(2)) + 5);
});

it("retries nothing of a run that is open, without failures, or of another tenant", async () => {
  const running = await makeRun({ status: "running", failedDevices: ["dev-1"] });
  const clean = await makeRun();
  const retry = async (tenantId: string, runId: string) =>
    (await retryFailed(web.app.sync, { tenantId, runId }, "me")).state;
  expect(await retry(tenant.id, running)).toBe("still_running");
  expect(await retry(tenant.id, clean)).toBe("nothing_failed");
  expect(await retry((await web.tenant()).id, running)).toBe("unknown_run");
  expect(await queuedDevices()).toEqual([]);
});

it("offers the retry on the run's page to people who may sync, and does it", async () => {
  const runId = await makeRun({ failedDevices: ["dev-9"] });
  const offer = "Retry only the failed ones";
  expect(await (await tenant.as.viewer.get(`/runs/${runId}`)).text()).not.toContain(offer);
  expect(await (await tenant.as.technician.get(`/runs/${runId}`)).text()).toContain(offer);
  const answer = await tenant.as.technician.post(`/runs/${runId}`, { intent: "retry-failed" });
  expect(answer.headers.get("Location")).toBe("/runs");
  expect((await queuedDevices()).map(({ id }) => id)).toEqual(["dev-9"]);
});

it("lists single errors in the order in which they occurred, page by page", async () => {
  const runId = await makeRun();
  const met = Array.from({ length: 12 }, (_, n) => `dev-${12 - n}`);
  const inTenant = <T>(work: (tx: TenantDb) => Promise<T>) => withTenant(web.app.db, tenant.id, work);
  for (const externalId of met) {
    const issue = {
      resource: "devices",
      severity: "record",
      name: "met",
      field: null,
      reason: "odd",
    } as const;
    await inTenant((tx) => insertIssues(tx, tenant.id, runId, [{ ...issue, externalId }]));
  }
  const read: (string | null)[] = [];
  for (let after: string | undefined; ;) {
    const page = await inTenant((tx) => listIssues(tx, tenant.id, runId, { limit: 5, after }));
    if (page.length === 0) break;
    read.push(...page.flatMap((row) => (row.name === "met" ? [row.externalId] : [])));
    after = page.at(-1)!.id;
  }
  expect(read).toEqual(met);
});

it("lists runs by what started them and how they ended", async () => {
  const byHand = await makeRun();
  const bySchedule = await makeRun({ trigger: "schedule", status: "failed" });
  const list = async (query: string) =>
    (await tenant.as.viewer.get(`/runs?_data=routes/_app.runs._index&${query}`)).json();
  const ids = async (query: string) =>
    ((await list(query)) as { rows: { id: string }[] }).rows.map(({ id }) => id);
  expect(await ids("trigger=schedule")).toEqual([bySchedule]);
  expect(await ids("outcome=failed")).toEqual([bySchedule]);
  expect(await ids("trigger=manual&outcome=ok")).toEqual([byHand]);
  expect(await ids("trigger=webhook")).toEqual([]);
});

it("removes events that were relayed long ago, and keeps those that still wait", async () => {
  const event = (name: string, daysAgo: number, isRelayed: boolean) =>
    web.app.db.execute(sql`
    insert into rmm_events (id, tenant_id, name, event_key, data, occurred_at, relayed_at)
    values (gen_random_uuid(), ${tenant.id}, ${name}, gen_random_uuid()::text, '{}',
      ${new Date(NOW.getTime() - daysAgo * DAY).toISOString()}, case when ${isRelayed}::boolean then now() end)`);
  await event("old", 91, true);
  await event("young", 89, true);
  await event("old and waiting", 91, false);
  expect(await pruneOldEvents(web.app.sync)).toBe(1);
  const left = await queryRows(
    web.app.db,
    sql`select name from rmm_events where tenant_id = ${tenant.id} order by name`,
  );
  expect(left).toEqual([{ name: "old and waiting" }, { name: "young" }]);
});
