import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { getRun } from "@db/queries/sync-runs/runs";
import { readRunTrend, type TrendPoint, type TrendView } from "~/features/sync-runs/run-trend.page.server";
import { pruneDetails, summariseOldRuns } from "~/features/sync-runs/prune";

import { makeEndedRun, type EndedRun } from "../../support/ended-run";
import { createIntegration } from "../../support/factories";
import { countStatements } from "../../support/statements";
import { createWebWorld, type WebWorld } from "../../support/web";

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
  // From the tests before.
  await web.app.db.execute(sql`delete from tenants`);
  tenant = await web.tenant();
  connectionId = (await createIntegration(web.app.db, { tenantId: tenant.id })).id;
});

const makeRun = (run: EndedRun = {}) =>
  makeEndedRun(web.app.db, { tenantId: tenant.id, connectionId, now: NOW }, run);

const runRow = (runId: string) => withTenant(web.app.db, tenant.id, (tx) => getRun(tx, tenant.id, runId));

it("keeps pages and single errors for 90 days, and the last run with its totals for longer", async () => {
  const old = await makeRun({ endedDaysAgo: 91, failedDevices: ["dev-1"] });
  const details = async (runId: string) => {
    const [row] = await queryRows<{ pages: number; errors: number }>(
      web.app.db,
      sql`select (select count(*)::int from rmm_sync_run_pages where run_id = ${runId}) as pages,
            (select count(*)::int from rmm_sync_run_errors where run_id = ${runId}) as errors`,
    );
    return row;
  };
  expect(await pruneDetails(web.app.sync)).toBe(1);
  expect(await details(old)).toEqual({ pages: 0, errors: 0 });
  expect(await summariseOldRuns(web.app.sync)).toBe(0);
  expect(await runRow(old)).toMatchObject({
    itemsSeen: 10,
    itemsFailed: 1,
    summary: { devices: { seen: 10 } },
  });
  expect(await (await tenant.as.viewer.get(`/runs/${old}`)).text()).toContain("the sums are left");
  const young = await makeRun({ endedDaysAgo: 89, failedDevices: ["dev-1"] });
  expect(await pruneDetails(web.app.sync)).toBe(0);
  expect(await details(young)).toEqual({ pages: 1, errors: 4 });
});

it("adds runs up by day after 90 days, each once", async () => {
  const firstDay = [100, 100.1].map((endedDaysAgo) => ({ endedDaysAgo, durationS: 60 }));
  const secondDay = [
    { endedDaysAgo: 99, durationS: 30, failedDevices: ["dev-1"] },
    { endedDaysAgo: 99, durationS: 10, status: "failed" as const },
    { endedDaysAgo: 99, durationS: 500, status: "cancelled" as const },
  ];
  for (const run of [...firstDay, ...secondDay]) await makeRun(run);
  const young = await makeRun({ endedDaysAgo: 89 });
  const days = () =>
    queryRows(
      web.app.db,
      sql`select day::text, runs, failed, cancelled, started, duration_ms::int as ms, items_seen::int as seen,
            items_failed::int as items_failed, pages::int as pages
          from rmm_sync_run_days where tenant_id = ${tenant.id} order by day`,
    );
  const sums = [
    {
      day: "2026-08-15",
      runs: 2,
      failed: 0,
      cancelled: 0,
      started: 2,
      ms: 120_000,
      seen: 20,
      items_failed: 0,
      pages: 2,
    },
    {
      day: "2026-08-16",
      runs: 3,
      failed: 1,
      cancelled: 1,
      started: 2,
      ms: 40_000,
      seen: 20,
      items_failed: 1,
      pages: 3,
    },
  ];
  expect(await summariseOldRuns(web.app.sync)).toBe(5);
  expect(await days()).toEqual(sums);
  expect(await summariseOldRuns(web.app.sync)).toBe(0);
  expect(await days()).toEqual(sums);
  expect(await runRow(young)).toBeDefined();
  await makeRun({ endedDaysAgo: 100, durationS: 60 });
  expect(await summariseOldRuns(web.app.sync)).toBe(1);
  expect(await days()).toEqual([
    { ...sums[0], runs: 3, started: 3, ms: 180_000, seen: 30, pages: 3 },
    sums[1],
  ]);
});

it("keeps the last run of an idle account, the last good one, and one whose changes are held", async () => {
  const held = await makeRun({ endedDaysAgo: 300 });
  await web.app.db.execute(sql`
    insert into rmm_held_changes (id, tenant_id, integration_id, run_id, external_id, kind, state, name)
    values (gen_random_uuid(), ${tenant.id}, ${connectionId}, ${held}, 'dev-1', 'removal', 'rejected', 'dev-1')`);
  const superseded = await makeRun({ endedDaysAgo: 200 });
  const good = await makeRun({ endedDaysAgo: 199 });
  const failed = await makeRun({ endedDaysAgo: 198, status: "failed" });
  const last = await makeRun({ endedDaysAgo: 197, status: "failed" });
  expect(await summariseOldRuns(web.app.sync)).toBe(2);
  for (const [runId, isKept] of [
    [held, true],
    [superseded, false],
    [good, true],
    [failed, false],
    [last, true],
  ] as const)
    expect((await runRow(runId)) !== undefined).toBe(isKept);
});

const trendOf = (view: TrendView, of = connectionId) =>
  readRunTrend(web.app.db, tenant.id, { connectionId: of, view, now: NOW });

it("draws the last full syncs of a connection, oldest first, each bar with its numbers in words", async () => {
  const slow = await makeRun({ endedDaysAgo: 2, durationS: 200 });
  const failed = await makeRun({ endedDaysAgo: 1, durationS: 5, status: "failed" });
  await makeRun({ status: "running" });
  const trend = await trendOf("runs");
  expect(trend.map(({ run, durationMs }) => [run?.id, durationMs])).toEqual([
    [slow, 200_000],
    [failed, 5_000],
  ]);
  const page = await (await tenant.as.viewer.get("/runs")).text();
  expect(page).toContain("3 min 20 s, completed");
  expect(page).toContain("5 s, failed");

  const other = await createIntegration(web.app.db, { tenantId: tenant.id, label: "Zurich" });
  expect(await trendOf("runs", other.id)).toEqual([]);
  const ofOther = await (await tenant.as.viewer.get(`/runs?of=${other.id}`)).text();
  expect(ofOther).not.toContain("3 min 20 s, completed");
  expect(ofOther).toContain("Connection of the chart");
});

it("draws a bar for each of 90 days, and for each week of a year, from runs and from daily totals", async () => {
  for (const run of [
    { endedDaysAgo: 300, durationS: 100 },
    { endedDaysAgo: 300, durationS: 300 },
    { endedDaysAgo: 89, durationS: 60 },
    { endedDaysAgo: 2, durationS: 10 },
    { endedDaysAgo: 2, durationS: 30, status: "failed" as const },
  ])
    await makeRun(run);
  const both = async () => {
    const [days, weeks] = [await trendOf("days"), await trendOf("weeks")];
    expect([days.length, weeks.length]).toEqual([90, 52]);
    const told = (points: TrendPoint[]) =>
      points
        .filter(({ runs }) => runs > 0)
        .map(({ atMs, runs, failed, durationMs, seen }) => ({
          at: new Date(atMs).toISOString().slice(0, 10),
          runs,
          failed,
          durationMs,
          seen,
        }));
    return { days: told(days), weeks: told(weeks) };
  };
  const day = { failed: 0, seen: 10 };
  const before = await both();
  expect(before).toEqual({
    days: [
      { ...day, at: "2026-08-26", runs: 1, durationMs: 60_000 },
      { ...day, at: "2026-11-21", runs: 2, failed: 1, durationMs: 20_000 },
    ],
    weeks: [
      { ...day, at: "2026-01-26", runs: 2, durationMs: 200_000 },
      { ...day, at: "2026-08-24", runs: 1, durationMs: 60_000 },
      { ...day, at: "2026-11-16", runs: 2, failed: 1, durationMs: 20_000 },
    ],
  });
  expect(await summariseOldRuns(web.app.sync)).toBe(2);
  expect(await both()).toEqual(before);
  const page = await (await tenant.as.viewer.get("/runs?chart=days")).text();
  expect(page).toContain("21 Nov 2026: 20 s, 2 full syncs, 1 failed");
  expect(page).toContain("22 Nov 2026: no full sync");
});

it("draws 60 days with as many statements as one", async () => {
  await makeRun();
  const cost = () => countStatements(web, tenant.as.viewer, "/runs?chart=days");
  const one = await cost();
  for (let n = 2; n < 60; n++) await makeRun({ endedDaysAgo: n });
  expect(await cost()).toBe(one);
});
