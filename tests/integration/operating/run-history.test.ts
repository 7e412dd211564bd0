import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { getRun, insertIssues } from "@db/queries/runs";
import { readRunTrend } from "~/presenters/runs.server";
import { pruneOldEvents, pruneRuns } from "~/sync/retention/prune";
import { MAX_RETRIED_DEVICES, retryFailed } from "~/sync/retry-failed/retry-failed";

import { createIntegration } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

const DAY = 24 * 60 * 60_000;
const NOW = new Date("2026-11-23T04:00:00Z");

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let integrationId: string;

beforeAll(async () => {
  web = await createWebWorld();
  web.setNow(NOW);
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.tenant();
  integrationId = (await createIntegration(web.app.db, { tenantId: tenant.id })).id;
});

interface RunMade {
  endedDaysAgo?: number;
  trigger?: "manual" | "schedule";
  status?: "completed" | "failed" | "running";
  durationS?: number;
  failedDevices?: string[];
}

let made = 0;

/** A full run as it stands after its end, with one page and its failed devices. */
async function makeRun(run: RunMade = {}): Promise<string> {
  const { endedDaysAgo = 1, trigger = "manual", status = "completed", durationS = 60 } = run;
  const endedAt = new Date(NOW.getTime() - endedDaysAgo * DAY);
  const at = (date: Date) => date.toISOString();
  const startedAt = new Date(endedAt.getTime() - durationS * 1000);
  const [row] = await queryRows<{ id: string }>(
    web.app.db,
    sql`insert into rmm_sync_runs (id, tenant_id, integration_id, type, trigger, actor, key, transport, status,
          pages, items_seen, items_failed, summary, requested_at, started_at, ended_at)
        values (gen_random_uuid(), ${tenant.id}, ${integrationId}, 'full', ${trigger}, 'somebody', ${`key-${++made}`},
          'inngest', ${status}, 1, 10, ${run.failedDevices?.length ?? 0}::int, '{"devices": {"seen": 10}}',
          ${at(startedAt)}, ${at(startedAt)}, ${status === "running" ? null : at(endedAt)})
        returning id`,
  );
  const runId = row!.id;
  await web.app.db.execute(sql`
    insert into rmm_sync_run_pages (tenant_id, run_id, resource, walk, sequence, is_last, ids_seen, seen)
    values (${tenant.id}, ${runId}, 'devices', 0, 0, true, '{}', 10)`);
  const issue = (
    resource: "devices" | "updates",
    severity: "record" | "field",
    externalId: string | null,
  ) => ({
    resource,
    severity,
    externalId,
    name: null,
    field: null,
    reason: "cannot be read",
  });
  await withTenant(web.app.db, tenant.id, (tx) =>
    insertIssues(tx, tenant.id, runId, [
      ...(run.failedDevices ?? []).map((id) => issue("devices", "record", id)),
      // None of these is a device that failed.
      issue("devices", "field", "only-a-field"),
      issue("devices", "record", null),
      issue("updates", "record", "an-update"),
    ]),
  );
  return runId;
}

const queuedDevices = () =>
  queryRows<{ id: string; actor: string }>(
    web.app.db,
    sql`select target_external_id as id, actor from rmm_sync_runs
        where tenant_id = ${tenant.id} and type = 'device' and status = 'queued' order by 1`,
  );

it("asks again for the devices that failed, each once, and for nothing else", async () => {
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

it("leaves the rest of very many to a full sync, and says so", async () => {
  const failedDevices = Array.from({ length: MAX_RETRIED_DEVICES + 5 }, (_, n) => `dev-${n}`);
  const runId = await makeRun({ failedDevices });
  const outcome = await retryFailed(web.app.sync, { tenantId: tenant.id, runId }, "me");
  expect(outcome).toMatchObject({ queued: MAX_RETRIED_DEVICES, more: true });
});

it("retries nothing of a run that is under way, without failures, or of another tenant", async () => {
  const running = await makeRun({ status: "running", failedDevices: ["dev-1"] });
  const clean = await makeRun();
  const retry = async (tenantId: string, runId: string) =>
    (await retryFailed(web.app.sync, { tenantId, runId }, "me")).state;
  expect(await retry(tenant.id, running)).toBe("still_running");
  expect(await retry(tenant.id, clean)).toBe("nothing_failed");
  expect(await retry((await web.tenant()).id, running)).toBe("unknown_run");
  expect(await queuedDevices()).toEqual([]);
});

it("offers the retry on the run's page to those who may sync, and does it", async () => {
  const runId = await makeRun({ failedDevices: ["dev-9"] });
  const offer = "Retry only the failed devices";
  expect(await (await tenant.as.viewer.get(`/runs/${runId}`)).text()).not.toContain(offer);
  expect(await (await tenant.as.technician.get(`/runs/${runId}`)).text()).toContain(offer);
  const answer = await tenant.as.technician.post(`/runs/${runId}`, { intent: "retry-failed" });
  expect(answer.headers.get("Location")).toBe("/runs?type=device");
  expect((await queuedDevices()).map(({ id }) => id)).toEqual(["dev-9"]);
});

it("keeps pages and single errors for 90 days, and the run with its sums for good", async () => {
  const old = await makeRun({ endedDaysAgo: 91, failedDevices: ["dev-1"] });
  const young = await makeRun({ endedDaysAgo: 89, failedDevices: ["dev-1"] });
  const details = async (runId: string) => {
    const [row] = await queryRows<{ pages: number; errors: number }>(
      web.app.db,
      sql`select (select count(*)::int from rmm_sync_run_pages where run_id = ${runId}) as pages,
            (select count(*)::int from rmm_sync_run_errors where run_id = ${runId}) as errors`,
    );
    return row;
  };
  expect(await pruneRuns(web.app.sync)).toBe(1);
  expect(await details(old)).toEqual({ pages: 0, errors: 0 });
  expect(await details(young)).toEqual({ pages: 1, errors: 4 });
  const kept = await withTenant(web.app.db, tenant.id, (tx) => getRun(tx, tenant.id, old));
  expect(kept).toMatchObject({ itemsSeen: 10, itemsFailed: 1, summary: { devices: { seen: 10 } } });
  expect(await (await tenant.as.viewer.get(`/runs/${old}`)).text()).toContain("the sums are left");
  expect(await pruneRuns(web.app.sync)).toBe(0);
});

it("draws the last full syncs, the oldest first, each bar with its numbers in words", async () => {
  const slow = await makeRun({ endedDaysAgo: 2, durationS: 200 });
  const failed = await makeRun({ endedDaysAgo: 1, durationS: 5, status: "failed" });
  await makeRun({ status: "running" });
  const trend = await readRunTrend(web.app.db, tenant.id, undefined);
  expect(trend.map(({ id, durationMs }) => [id, durationMs])).toEqual([
    [slow, 200_000],
    [failed, 5_000],
  ]);
  const page = await (await tenant.as.viewer.get("/runs")).text();
  expect(page).toContain("3 min 20 s, completed");
  expect(page).toContain("5 s, failed");
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

it("removes events that were passed on long ago, and keeps what still has to be told", async () => {
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
