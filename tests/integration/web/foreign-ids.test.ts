import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { heldFingerprint } from "@db/queries/review/held";
import {
  alertRules,
  apiTokens,
  incidents,
  maintenanceWindows,
  notifications,
  outgoingDeliveries,
  outgoingSubscriptions,
  rmmAlerts,
  rmmDeviceUpdates,
  rmmEvents,
  ticketSystems,
  rmmHeldChanges,
  rmmIdentityReviews,
  rmmWebhookDeliveries,
  clientContacts,
  clientSites,
} from "@db/schema";
import { anyAlert } from "@domain/alert-conditions";
import { noActions } from "@domain/alert-rules";
import { createClient, createIntegration } from "@tests/support/factories";
import { createLevelWorld, type LevelWorld } from "@tests/support/level-world";
import type { RouteOfBuild } from "@tests/support/web";

import { attempts, ownNames, paramsFor, type Foreign } from "./foreign-ids";
import { call, guardedHandlers, paramsOf } from "./route-calls";

let level: LevelWorld;
let ours: LevelWorld["tenant"];
let theirs: LevelWorld["tenant"];
let their: Foreign;

beforeAll(async () => {
  level = await createLevelWorld();
  theirs = level.tenant;
  ours = await level.web.tenant();
  their = await fill();
});
afterAll(() => level.close());

/** A held change as a page sends it. */
async function heldRow(id: string): Promise<string> {
  const [row] = await queryRows<{ mark: string }>(
    level.web.database.db,
    sql`select ${heldFingerprint} as mark from rmm_held_changes h where h.id = ${id}`,
  );
  return `${id}.${row!.mark}`;
}

/** A tenant with one record of every kind. */
async function fill(): Promise<Foreign> {
  const { db } = level.web.database;
  const { id: tenantId, as, users } = theirs;
  const connectionId = await level.connect(as.admin);
  await level.sync(as.admin, connectionId, "organizations");
  const [group] = await queryRows<{ externalId: string }>(
    db,
    sql`select external_id as "externalId" from rmm_organization_mappings where parent_external_id is null limit 1`,
  );
  const changes = JSON.stringify([
    { externalId: group!.externalId, state: "mapped", clientName: "Only theirs" },
  ]);
  await level.act(as.admin, connectionId, "/mapping", { intent: "save", version: "0", changes });
  const run = await level.sync(as.admin, connectionId, "full");
  const [device] = await queryRows<{ externalId: string; assetId: string; clientId: string }>(
    db,
    sql`select m.external_id as "externalId", a.id as "assetId", a.client_id as "clientId"
        from assets a join tenant_external_entity_mappings m on m.asset_id = a.id limit 1`,
  );
  const { externalId, assetId, clientId } = device!;
  const [session] = await queryRows<{ id: string }>(
    db,
    sql`select id from sessions where user_id = ${users.viewer.id}`,
  );

  const owner = { tenantId, connectionId };
  const now = new Date();
  const [alert] = await db
    .insert(rmmAlerts)
    .values({
      ...owner,
      externalAlertId: "alert",
      name: "Disk full",
      severity: "major",
      status: "active",
      contentHash: "x",
      observedAt: now,
      observedVia: "webhook",
    })
    .returning();
  const [incident] = await db
    .insert(incidents)
    .values({
      ...owner,
      name: "Disk full",
      severity: "major",
      severityRank: 1,
      openedAt: now,
      lastAlertAt: now,
      alertCount: 1,
      activeCount: 1,
    })
    .returning();
  const [site] = await db.insert(clientSites).values({ tenantId, clientId, name: "Berlin" }).returning();
  const [contact] = await db.insert(clientContacts).values({ tenantId, clientId, name: "Ann" }).returning();
  const [rule] = await db
    .insert(alertRules)
    .values({
      tenantId,
      name: "Theirs",
      position: 1,
      conditions: anyAlert,
      actions: { ...noActions, mails: true },
      stops: false,
      isEnabled: false,
      enabledAt: now,
    })
    .returning();
  const [window] = await db
    .insert(maintenanceWindows)
    .values({
      tenantId,
      name: "Patch night",
      conditions: anyAlert,
      startsAt: "2026-01-01T22:00",
      endsAt: "2026-01-01T23:00",
      suppressesNotices: true,
      suppressesTickets: true,
    })
    .returning();
  const [delivery] = await db
    .insert(rmmWebhookDeliveries)
    .values({
      ...owner,
      scheme: "signed",
      outcome: "ignored",
      responseStatus: 200,
      durationMs: 1,
      body: "{}",
    })
    .returning();
  const [held] = await db
    .insert(rmmHeldChanges)
    .values({ ...owner, runId: run.id, externalId, assetId, kind: "removal", state: "held", name: "Held" })
    .returning();
  const [review] = await db
    .insert(rmmIdentityReviews)
    .values({
      ...owner,
      externalId: "in-doubt",
      name: "In doubt",
      reason: "ambiguous",
      candidates: [{ assetId, by: "serial", key: "ABC123" }],
      device: { serialNumber: "ABC123", systemInfo: {}, liveness: { lastSeenAt: null } },
    })
    .returning();
  const [notification] = await db
    .insert(notifications)
    .values({
      ...owner,
      kind: "failing",
      recipients: ["a@example.com"],
      subject: "s",
      body: "b",
      status: "dead",
      nextAttemptAt: now,
    })
    .returning();
  const [subscription] = await db
    .insert(outgoingSubscriptions)
    .values({ tenantId, url: "https://hooks.example.com/", eventNames: ["RMM_SYNC_FAILED"] })
    .returning();
  const [ticketSystem] = await db
    .insert(ticketSystems)
    .values({ tenantId, label: "Helpdesk", kind: "http", config: {}, automaticSince: now })
    .returning();
  const [event] = await db.select().from(rmmEvents).limit(1);
  const [outgoing] = await db
    .insert(outgoingDeliveries)
    .values({
      tenantId,
      subscriptionId: subscription!.id,
      eventId: event!.id,
      status: "dead",
      nextAttemptAt: now,
    })
    .returning();
  const [update] = await db
    .insert(rmmDeviceUpdates)
    .values({
      ...owner,
      externalUpdateId: "update",
      externalDeviceId: externalId,
      name: "An update of theirs",
      contentHash: "x",
      observedAt: now,
    })
    .returning();
  const [token] = await db
    .insert(apiTokens)
    .values({
      tenantId,
      userId: users.viewer.id,
      kind: "personal",
      name: "Theirs",
      scopes: ["read"],
      tokenHash: "x",
      hint: "plumbline_pat_abcd",
      expiresAt: new Date(now.getTime() + 86_400_000),
    })
    .returning();
  return {
    alert: alert!.id,
    asset: assetId,
    client: clientId,
    contact: contact!.id,
    delivery: delivery!.id,
    device: externalId,
    group: group!.externalId,
    held: await heldRow(held!.id),
    incident: incident!.id,
    integration: connectionId,
    notification: notification!.id,
    outgoing: outgoing!.id,
    patch: update!.patchKey!,
    person: users.viewer.id,
    review: review!.id,
    rule: rule!.id,
    run: run.id,
    session: session!.id,
    site: site!.id,
    subscription: subscription!.id,
    ticketSystem: ticketSystem!.id,
    token: token!.id,
    window: window!.id,
    ownClient: (await createClient(db, { tenantId: ours.id })).id,
    ownIntegration: (await createIntegration(db, { tenantId: ours.id })).id,
  };
}

/** Every row of the other tenant in any table, except when sessions were used and events were sent. */
async function everythingOfTheirs(): Promise<string> {
  const { db } = level.web.database;
  const tables = await queryRows<{ name: string }>(
    db,
    sql`select table_name as name from information_schema.columns
        where table_schema = 'public' and column_name = 'tenant_id' order by 1`,
  );
  expect(tables.length).toBeGreaterThan(20);
  const parts: unknown[] = [];
  for (const { name } of tables) {
    const rows = await queryRows<{ row: string }>(
      db,
      sql`select (to_jsonb(t) - array['last_seen_at', 'relayed_at', 'attempts'])::text as row from ${sql.identifier(name)} t
          where tenant_id = ${theirs.id} order by 1`,
    );
    parts.push([name, rows]);
  }
  return JSON.stringify(parts);
}

const idsOf = (route: RouteOfBuild) => paramsOf(route).filter((name) => !ownNames.includes(name));
const handlers = () => guardedHandlers(level.web);
const loaders = () =>
  handlers().filter(
    ({ route, kind, what }) => kind === "loader" && (idsOf(route).length > 0 || what in attempts),
  );
const intents = () => handlers().filter(({ kind }) => kind === "action");

describe("the ids of another tenant", () => {
  it("are tried on every intent and on every address that takes one", () => {
    const all = [...loaders().filter(({ what }) => what in attempts), ...intents()];
    expect(Object.keys(attempts).sort()).toEqual(all.map(({ what }) => what).sort());
    const params = new Set(handlers().flatMap(({ route }) => idsOf(route)));
    expect([...params].sort()).toEqual(Object.keys(paramsFor(their)).sort());
  });

  it("lead to pages for their own people, so that the rest of this test proves something", async () => {
    for (const handler of loaders()) {
      const attempt = attempts[handler.what]?.(their);
      const response = await call(theirs.as.admin, handler, { ...attempt, params: paramsFor(their) });
      expect.soft(response.status, handler.what).toBeLessThan(400);
      await response.body?.cancel();
    }
  });

  it("are found on no page, no download and no stream", async () => {
    for (const handler of loaders()) {
      const attempt = attempts[handler.what]?.(their);
      const response = await call(ours.as.admin, handler, { ...attempt, params: paramsFor(their) });
      expect.soft(response.status, handler.what).toBe(404);
    }
  });

  it("allow no action, and nothing of theirs changes", async () => {
    const before = await everythingOfTheirs();
    for (const handler of intents()) {
      // Signing out would end the session for the rest of this test.
      if (handler.route.id === "routes/sign-out") continue;
      const attempt = attempts[handler.what]!(their);
      const response = await call(ours.as.admin, handler, { params: paramsFor(their), ...attempt });
      const reachesForTheirs = paramsOf(handler.route).length > 0 || attempt.fields !== undefined;
      if (attempt.answer === "done") expect.soft(response.status, handler.what).toBe(204);
      else if (reachesForTheirs) expect.soft(response.status, handler.what).toBe(404);
      else expect.soft(response.status, handler.what).toBeLessThan(500);
      expect(await everythingOfTheirs(), handler.what).toBe(before);
    }
  });
});
