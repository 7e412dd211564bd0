import { afterEach, beforeEach, expect, it } from "vitest";

import { outgoingSubscriptions, ticketSystems } from "@db/schema";
import { createFunctions, createInngestClient } from "@inngest/index";
import { startDueAutomations } from "~/features/alert-rules/start-automations.server";
import { samplePromises } from "~/features/connection-health/freshness-promise";
import { startDueSyncs } from "~/features/connections/schedule";
import { listConnectionsToRead } from "~/features/custom-fields/connections-to-read";
import { deliverOutgoing } from "~/features/event-subscriptions/deliver";
import { formIncidents } from "~/features/incidents/form-incidents";
import { resolveDueIncidents } from "~/features/incidents/resolve-in-rmm.server";
import { deliverNotifications } from "~/features/notifications/deliver";
import { followClockBack } from "~/features/operations/clock-rollback";
import { recountTotals } from "~/features/patches/recount-totals";
import { sweepSilentRuns } from "~/features/sync-execution/reaper";
import { deliverTickets } from "~/features/tickets/deliver-tickets";
import type { JobDeps } from "~/jobs.server";
import { relayEvents } from "~/platform/outbox/relay";
import { wakeSenders } from "~/platform/outbox/wake-senders";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import {
  createAsset,
  createClient,
  createIntegration,
  createTenant,
  createUser,
} from "../../support/factories";
import { depsWithoutReading } from "../../support/schedule";
import { countAllStatements } from "../../support/statements";

const NOW = new Date("2026-05-05T03:00:00Z");
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

const refuse = () => Promise.reject(new Error("nothing is due here"));
const nothing = () => Promise.resolve(0);

let database: TestDatabase;
let deps: JobDeps;

beforeEach(async () => {
  database = await createTestDatabase();
  const shared = depsWithoutReading({ db: database.db, clock: () => NOW, startedAt: later(-600) });
  deps = {
    ...shared,
    publicUrl: "https://plumbline.example.com",
    mailer: null,
    post: refuse,
    exchange: refuse,
  } as unknown as JobDeps;
});

afterEach(() => database.close());

/** A tenant with everything set up and nothing due. */
async function createIdleTenant(): Promise<void> {
  const { db } = database;
  const { id: tenantId } = await createTenant(db);
  await createUser(db, { tenantId });
  const { id: clientId } = await createClient(db, { tenantId });
  await createAsset(db, { tenantId, clientId });
  await createIntegration(db, {
    tenantId,
    fullSyncEnabled: true,
    nextFullSyncAt: later(30),
    nextAlertsSyncAt: later(5),
  });
  await db.insert(ticketSystems).values({
    tenantId,
    label: "Helpdesk",
    kind: "http",
    config: {},
    automaticFrom: "critical",
    automaticSince: later(-600),
  });
  await db.insert(outgoingSubscriptions).values({
    tenantId,
    url: "https://hooks.example.com",
    eventNames: ["INCIDENT_OPENED", "RMM_SYNC_COMPLETED"],
  });
}

/** What each function does that a clock starts every few minutes. */
const ticks: Record<string, () => Promise<unknown>> = {
  "rmm-scheduler": () => startDueSyncs(deps),
  "rmm-sweeper": async () => {
    await followClockBack(deps);
    await sweepSilentRuns(deps);
    await recountTotals(deps);
  },
  "rmm-events-relay": async () => {
    const send = refuse;
    await relayEvents({ ...deps, send });
    await wakeSenders({ ...deps, send });
  },
  "rmm-custom-fields": () => listConnectionsToRead(deps),
  "rmm-freshness-promise": () => samplePromises(deps),
  "rmm-incidents": () => formIncidents(deps),
  "rmm-resolutions": () => resolveDueIncidents(deps),
  "rmm-automation-starts": () => startDueAutomations(deps),
  "rmm-notifications": () => deliverNotifications(deps),
  "rmm-outgoing": () => deliverOutgoing(deps),
  "rmm-tickets": () => deliverTickets(deps),
};

it("knows every function that a clock starts each few minutes", () => {
  const senders = { outgoing: nothing, notifications: nothing, tickets: nothing, automations: nothing };
  const functions = createFunctions(createInngestClient({ logger: deps.log }), deps, nothing, senders);
  const frequent = functions.filter((fn) =>
    fn.opts.triggers?.some((trigger) => "cron" in trigger && /^\*/.test(String(trigger.cron))),
  );
  expect(frequent.map((fn) => fn.id()).sort()).toEqual(Object.keys(ticks).sort());
});

it("forty idle tenants cost a tick no more statements than two", async () => {
  const count = async () => {
    const counts: Record<string, number> = {};
    for (const [id, tick] of Object.entries(ticks)) counts[id] = await countAllStatements(database.db, tick);
    return counts;
  };
  for (let n = 0; n < 2; n++) await createIdleTenant();
  const ofTwo = await count();
  for (const [id, statements] of Object.entries(ofTwo)) expect(statements, id).toBeGreaterThan(0);
  for (let n = 0; n < 38; n++) await createIdleTenant();
  expect(await count()).toEqual(ofTwo);
});
