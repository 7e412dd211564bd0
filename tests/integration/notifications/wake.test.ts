import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { queryRows, withTenant } from "@db/client";
import type { App } from "~/platform/app.server";
import { createApp } from "~/main.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";
import { describeFailure, failRun } from "~/features/sync-execution/end-run";
import { subscribe } from "~/features/event-subscriptions/subscriptions.server";
import { wakeSenders } from "~/platform/outbox/wake-senders";
import { requestSync } from "~/features/sync-engine/request-sync";
import { emit } from "~/platform/outbox/emit";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createIntegration, createTenant, createUser } from "../../support/factories";
import { startMailServer, type TestMailServer } from "../../support/smtp";
import { TEST_ACTOR, TEST_APP_SECRET } from "../../support/sync";

const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000);

let database: TestDatabase;
let mailServer: TestMailServer;
let receiver: Server;
let heard: number;
let app: App;
let tenantId: string;
let connectionId: string;

/**
 * Five seconds into a minute, where the clock stands until a test moves it, because both senders look at each full
 * minute, too.
 */
const START = Math.floor(Date.now() / 60_000) * 60_000 + 5_000;

/** The app with its durable functions running, a mail server, and a receiver of every kind of event used here. */
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  database = await createTestDatabase();
  mailServer = await startMailServer();
  heard = 0;
  receiver = createServer((request, response) => {
    request.resume().on("end", () => {
      heard++;
      response.writeHead(204).end();
    });
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const config = loadConfig({
    APP_SECRET: TEST_APP_SECRET,
    LEVELIO_API_BASE_URL: "http://127.0.0.1:9",
    OUTGOING_ALLOW_PRIVATE: "true",
    SMTP_URL: mailServer.url,
    MAIL_FROM: "plumbline@example.com",
  });
  app = await createApp(config, {
    connection: database.connection,
    log: createLogger({ level: "silent" }),
  });
  await app.jobs.start();
  tenantId = (await createTenant(app.db)).id;
  await createUser(app.db, { tenantId, email: "owner@example.com", passwordHash: "set" });
  // No schedule starts a run between those of the test.
  connectionId = (
    await createIntegration(app.db, {
      tenantId,
      nextFullSyncAt: minutesFromNow(30),
      nextAlertsSyncAt: minutesFromNow(14),
    })
  ).id;
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  await subscribe(app.sync, {
    tenantId,
    url,
    eventNames: ["RMM_CONNECTION_FAILING", "INTEGRATION_DISCONNECTED"],
    allowPrivate: true,
    actor: TEST_ACTOR,
  });
});

afterEach(async () => {
  await app.jobs.stop();
  vi.useRealTimers();
  receiver.close();
  await mailServer.close();
  await database.close();
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(50);
}

/** Executions of a function that an event started, not its cron. */
const woken = async (functionId: string): Promise<number> => {
  const [row] = await queryRows<{ n: number }>(
    app.db,
    sql`select count(*)::int as n from runner.runs
        where function_id = ${`plumbline-${functionId}`} and event::jsonb->>'name' like 'rmm/%.due'
          and status <> 'debounced'`,
  );
  return row!.n;
};

const happen = (events: number) =>
  withTenant(app.db, tenantId, (tx) =>
    emit(
      tx,
      Array.from({ length: events }, () => ({
        name: "INTEGRATION_DISCONNECTED" as const,
        data: { tenantId, integrationId: connectionId },
      })),
      new Date(),
    ),
  );

it("a change of state is mailed and published within seconds, without waiting for the minute", async () => {
  // Nobody executes the run: the test sets its end.
  const outcome = await requestSync(
    { ...app.sync, transport: "direct" },
    {
      tenantId,
      connectionId,
      type: "full",
      trigger: "manual",
      actor: "test",
    },
  );
  if (outcome.state !== "queued") throw new Error(outcome.state);
  await failRun(app.sync, { tenantId, runId: outcome.run.id }, describeFailure(new Error("broken")));
  await expect.poll(() => woken("rmm-notifications")).toBe(1);
  await expect.poll(() => woken("rmm-outgoing")).toBe(1);
  // The wake-up waits for more of its kind, six seconds at most.
  vi.setSystemTime(START + 6_000);
  await until(() => mailServer.received.length > 0 && heard > 0);
  expect(mailServer.received[0]!.to).toEqual(["owner@example.com"]);
  expect(await woken("rmm-notifications")).toBe(1);
  expect(await woken("rmm-outgoing")).toBe(1);
});

it("a storm of events starts few executions, and each event goes out once", async () => {
  vi.useRealTimers();
  const startedAt = performance.now();
  const storm = 300;
  for (let n = 0; n < storm / 5; n++) {
    await happen(5);
    app.sync.nudge();
    await sleep(20);
  }
  await until(() => heard >= storm);
  await app.jobs.idle();
  expect(heard).toBe(storm);
  // One for each second that the storm and the sending took, at most.
  expect(await woken("rmm-outgoing")).toBeLessThan(3 + (performance.now() - startedAt) / 1000);
  expect(await woken("rmm-notifications")).toBe(0);
});

it("wakes with data that a debouncing server can read again, because none would become a list", async () => {
  const sent: Record<string, unknown>[] = [];
  await app.jobs.stop();
  await happen(1);
  await wakeSenders({
    ...app.sync,
    send: async (events) => void sent.push(...events.map(({ data }) => data)),
  });
  expect(sent).toEqual([{ at: START }]);
});

it("nobody is woken if nothing is due, and a failed call is only logged", async () => {
  const sent: string[] = [];
  const send = async (events: { name: string }[]) => void sent.push(...events.map(({ name }) => name));
  const wake = () => wakeSenders({ ...app.sync, send });
  await wake();
  expect(sent).toEqual([]);
  await app.jobs.stop();
  await happen(1);
  await wake();
  expect(sent).toEqual(["rmm/outgoing.due"]);
  await wakeSenders({ ...app.sync, send: () => Promise.reject(new Error("nobody listens")) });
});
