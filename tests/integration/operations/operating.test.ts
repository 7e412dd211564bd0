import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { sql } from "drizzle-orm";
import { afterEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { requestSync } from "~/features/sync-engine/request-sync";
import { cancelRun } from "~/features/sync-execution/end-run";

import { createIntegration, createTenant } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

const TOKEN = "a-token-for-the-tests";
const NOW = new Date("2026-11-23T10:00:00Z");

let web: WebWorld;

afterEach(() => web.close());

const readiness = async () => {
  const response = await web.anonymous().get("/readyz");
  return { status: response.status, ...((await response.json()) as object) };
};

it("is ready once a process executes the durable functions, and says what is missing before", async () => {
  web = await createWebWorld();
  const checks = { database: "ok", migrations: "ok" };
  expect(await readiness()).toEqual({ status: 503, ready: false, checks: { ...checks, runner: "nobody" } });
  await web.app.jobs.start();
  expect(await readiness()).toEqual({ status: 200, ready: true, checks: { ...checks, runner: "ok" } });
});

it("is not ready on a database that lacks a migration", async () => {
  web = await createWebWorld();
  await web.app.jobs.start();
  const [latest] = await queryRows<{ hash: string; created_at: string }>(
    web.app.db,
    sql`delete from drizzle.__drizzle_migrations
        where created_at = (select max(created_at) from drizzle.__drizzle_migrations) returning hash, created_at`,
  );
  expect(await readiness()).toMatchObject({ status: 503, checks: { migrations: "pending" } });
  // Later tests use the embedded database.
  await web.app.db.execute(sql`
    insert into drizzle.__drizzle_migrations (hash, created_at) values (${latest!.hash}, ${latest!.created_at})`);
});

it("is ready with an Inngest server that answers, and not with one that is down", async () => {
  const server = createServer((_, response) => response.writeHead(404).end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  web = await createWebWorld({ INNGEST_DEV: url });
  expect(await readiness()).toMatchObject({ status: 200, checks: { runner: "ok" } });
  await web.close();
  server.close();
  await once(server, "close");
  web = await createWebWorld({ INNGEST_DEV: url });
  expect(await readiness()).toMatchObject({ status: 503, checks: { runner: "nobody" } });
});

it("shows its figures to nobody from elsewhere without the token", async () => {
  web = await createWebWorld();
  expect((await web.anonymous().get("/metrics")).status).toBe(401);
  await web.close();
  web = await createWebWorld({ METRICS_TOKEN: TOKEN });
  for (const authorization of ["", "Bearer", "Bearer wrong", `Basic ${TOKEN}`]) {
    const response = await web.anonymous().get("/metrics", { Authorization: authorization });
    expect(response.status, authorization).toBe(401);
    expect(await response.text()).not.toContain("plumbline_");
  }
});

it("reports runs, queues, lags and stopped schedules to Prometheus", async () => {
  web = await createWebWorld({ METRICS_TOKEN: TOKEN });
  web.setNow(NOW);
  const { sync, db } = web.app;
  const { id: tenantId } = await createTenant(db);
  const late = await createIntegration(db, {
    tenantId,
    nextFullSyncAt: new Date(NOW.getTime() - 90_000),
    nextAlertsSyncAt: new Date(NOW.getTime() + 60_000),
    consecutiveFailures: 2,
    alertsFailures: 4,
  });
  const paused = await createIntegration(db, {
    tenantId,
    pausedAt: NOW,
    nextFullSyncAt: new Date(0),
    createdAt: new Date(NOW.getTime() - 900_000),
  });
  const byHand = await createIntegration(db, { tenantId, fullSyncEnabled: false });
  const ask = (type: "full" | "organizations") =>
    requestSync(sync, { tenantId, connectionId: late.id, type, trigger: "manual", actor: "test" });
  await ask("full");
  const asked = await ask("organizations");
  if (asked.state !== "queued") throw new Error(asked.state);
  await cancelRun(sync, { tenantId, runId: asked.run.id });
  await web.app.jobs.relay();

  const response = await web.anonymous().get("/metrics", { Authorization: `Bearer ${TOKEN}` });
  expect(response.status).toBe(200);
  const lines = (await response.text()).split("\n");
  expect(lines.filter((line) => line.includes(`"${byHand.id}",kind="full"`))).toEqual([]);
  expect(lines).toEqual(
    expect.arrayContaining([
      `plumbline_schedule_lag_seconds{integration="${late.id}",kind="full"} 90`,
      `plumbline_schedule_lag_seconds{integration="${late.id}",kind="alerts"} 0`,
      `plumbline_schedule_stopped{integration="${paused.id}",kind="full"} 1`,
      `plumbline_schedule_stopped{integration="${paused.id}",kind="alerts"} 0`,
      // Never given an instant: due since its connection was made.
      `plumbline_schedule_lag_seconds{integration="${paused.id}",kind="alerts"} 900`,
      `plumbline_failures_in_a_row{integration="${late.id}",kind="full"} 2`,
      `plumbline_failures_in_a_row{integration="${late.id}",kind="alerts"} 4`,
      `plumbline_runs_open{type="full",status="queued"} 1`,
      `plumbline_runs_ended_total{type="organizations",trigger="manual",status="cancelled"} 1`,
      "plumbline_outbox_events 0",
      'plumbline_runner_queue{status="queued"} 2',
      "plumbline_runner_holder 0",
    ]),
  );
});

it("increases the lag of a late schedule, and reports none for a stopped one", async () => {
  web = await createWebWorld();
  const { db, metrics } = web.app;
  const { id: tenantId } = await createTenant(db);
  const late = await createIntegration(db, { tenantId, nextFullSyncAt: NOW, nextAlertsSyncAt: NOW });
  await createIntegration(db, { tenantId, pausedAt: NOW, alertsPausedAt: NOW });
  await createIntegration(db, { tenantId, status: "needs_attention", nextFullSyncAt: NOW });
  await createIntegration(db, { tenantId, status: "disconnected" });
  const lagsAfter = async (ms: number) => {
    const text = await metrics.read({ db, now: new Date(NOW.getTime() + ms), isLeader: true });
    return text.split("\n").filter((line) => line.startsWith("plumbline_schedule_lag_seconds{"));
  };
  for (const seconds of [0, 60, 3_600]) {
    expect(await lagsAfter(seconds * 1_000)).toEqual([
      `plumbline_schedule_lag_seconds{integration="${late.id}",kind="full"} ${seconds}`,
      `plumbline_schedule_lag_seconds{integration="${late.id}",kind="alerts"} ${seconds}`,
    ]);
  }
});

it("counts each answer of the RMM by its status, including 429", async () => {
  web = await createWebWorld({ METRICS_TOKEN: TOKEN });
  const counted = web.app.metrics.countedFetch("levelio");
  await expect(counted("http://127.0.0.1:9/")).rejects.toThrow();
  await counted("data:application/json,{}");
  const text = await web.app.metrics.read({ db: web.app.db, now: NOW, isLeader: true });
  expect(text).toContain('plumbline_rmm_requests_total{provider="levelio",status="none"} 1');
  expect(text).toContain('plumbline_rmm_requests_total{provider="levelio",status="200"} 1');
  expect(text).toContain("plumbline_runner_holder 1");
});
