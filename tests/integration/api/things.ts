import { randomUUID } from "node:crypto";

import { eq } from "drizzle-orm";

import { withTenant, type Db } from "@db/client";
import { listHeldById } from "@db/queries/review/review";
import {
  alertRules,
  assetChanges,
  assetList,
  assets,
  clientContacts,
  clientSites,
  freshnessDays,
  incidents,
  ledgerEntries,
  connectionMatchingRules,
  maintenanceWindows,
  outgoingSubscriptions,
  rmmAlerts,
  rmmDeviceUpdates,
  rmmHeldChanges,
  rmmIdentityReviews,
  rmmPlannedChanges,
  rmmSyncRunErrors,
  rmmSyncRuns,
  tenantExternalEntityMappings,
} from "@db/schema";
import { defaultRules } from "@domain/matching-rules";
import { anyAlert } from "@domain/alert-conditions";
import { noActions } from "@domain/alert-rules";
import { dayOf } from "@domain/device-ledger";
import {
  createAsset,
  createClient,
  createCustomField,
  createIntegration,
  createGroup,
} from "@tests/support/factories";

/** Every kind of record of one tenant that an address of the API can name. */
export interface Things {
  clientId: string;
  connectionId: string;
  /** Its id at the RMM. */
  groupId: string;
  assetId: string;
  siteId: string;
  contactId: string;
  runId: string;
  alertId: string;
  incidentId: string;
  subscriptionId: string;
  windowId: string;
  ruleId: string;
  updateKey: string;
  change: { id: string; version: string };
  /** A new device that waits for approval. */
  reviewId: string;
}

/** Makes one record of every kind for a tenant, with `mark` in each of their texts. */
export async function createThings(db: Db, { id: tenantId }: { id: string }, mark: string): Promise<Things> {
  const name = `${mark} ${randomUUID()}`;
  const now = new Date();
  const { id: clientId } = await createClient(db, { tenantId, name, notes: mark });
  const ofClient = { tenantId, clientId, name };
  const [site] = await db
    .insert(clientSites)
    .values({ ...ofClient, address: mark })
    .returning();
  const [contact] = await db
    .insert(clientContacts)
    .values({ ...ofClient, email: "mark@acme.test", phone: "1" })
    .returning();
  const { id: connectionId } = await createIntegration(db, { tenantId, label: name });
  const owner = { tenantId, connectionId };
  const { id: assetId } = await createAsset(db, { tenantId, clientId, name, serialNumber: mark });
  // An asset that no RMM knows.
  await createAsset(db, { tenantId, clientId, name: `${name} alone` });
  const group = await createGroup(db, { ...owner, clientId, name });
  const [run] = await db
    .insert(rmmSyncRuns)
    .values({
      ...owner,
      type: "full",
      trigger: "manual",
      actor: mark,
      key: name,
      transport: "inngest",
      status: "running",
      itemsHeld: 2,
    })
    .returning();
  const runId = run!.id;
  await db
    .insert(rmmPlannedChanges)
    .values({ tenantId, runId: run!.id, externalId: `planned-${mark}`, name, action: "create" });
  await db.insert(rmmSyncRunErrors).values({
    tenantId,
    runId,
    resource: "devices",
    severity: "record",
    name,
    reason: `${mark} is no name`,
  });
  const [incident] = await db
    .insert(incidents)
    .values({
      ...owner,
      clientId,
      name,
      severity: "major",
      severityRank: 1,
      openedAt: now,
      lastAlertAt: now,
      device: name,
      deviceCount: 1,
      alertCount: 1,
      activeCount: 1,
    })
    .returning();
  const [alert] = await db
    .insert(rmmAlerts)
    .values({
      ...owner,
      assetId,
      incidentId: incident!.id,
      externalAlertId: name,
      name,
      description: mark,
      severity: "major",
      status: "active",
      contentHash: "x",
      observedAt: now,
      observedVia: "webhook",
    })
    .returning();
  const [held] = await db
    .insert(rmmHeldChanges)
    .values({
      ...owner,
      runId,
      externalId: name,
      assetId,
      kind: "rename",
      state: "held",
      name,
      fromValue: name,
      toValue: `${mark} renamed`,
    })
    .returning();
  const rules = { ...defaultRules, junk: { ...defaultRules.junk, serials: [mark] } };
  await db.insert(connectionMatchingRules).values({ ...owner, version: 1, rules, actor: mark });
  const device = {
    externalGroupId: null,
    assetType: "server",
    serialNumber: mark,
    systemInfo: { hostname: name },
  };
  const [review] = await db
    .insert(rmmIdentityReviews)
    .values({ ...owner, externalId: name, name, reason: "approval", candidates: [], device })
    .returning();
  const [shown] = await withTenant(db, tenantId, (tx) =>
    listHeldById(tx, tenantId, { runId }, { after: undefined, limit: 1 }),
  );
  await createMissing(db, { ...owner, assetId, runId }, `${name} missing`);
  await db
    .update(assets)
    .set({ name: `${name} renamed` })
    .where(eq(assets.id, assetId));
  await db
    .insert(assetChanges)
    .values({ tenantId, assetId, field: "name", before: mark, after: name, runId, changedAt: now });
  const [subscription] = await db
    .insert(outgoingSubscriptions)
    .values({
      tenantId,
      url: `https://hooks.msp.test/${encodeURIComponent(mark)}`,
      eventNames: ["RMM_SYNC_FAILED"],
    })
    .returning();
  const [window] = await db
    .insert(maintenanceWindows)
    .values({
      tenantId,
      name,
      conditions: anyAlert,
      startsAt: "2026-11-28T22:00",
      endsAt: "2026-11-29T02:00",
      suppressesNotices: true,
      suppressesTickets: true,
    })
    .returning();
  const [rule] = await db
    .insert(alertRules)
    .values({
      tenantId,
      name,
      position: 1,
      conditions: anyAlert,
      actions: { ...noActions, mails: true },
      stops: false,
      isEnabled: false,
      enabledAt: now,
    })
    .returning();
  await createCustomField(db, { ...owner, name }, { [assetId]: mark });
  const day = dayOf(now);
  await db.insert(ledgerEntries).values({
    tenantId,
    day,
    clientId,
    assetType: "workstation",
    assetId,
    name,
    change: 1,
    reason: "added",
    recordedAt: now,
  });
  await db
    .insert(freshnessDays)
    .values({ ...owner, clientId, day, devices: 1, deviceSeconds: 100, freshSeconds: 50 });
  return {
    clientId,
    connectionId,
    groupId: group.externalId,
    assetId,
    siteId: site!.id,
    contactId: contact!.id,
    runId,
    alertId: alert!.id,
    incidentId: incident!.id,
    subscriptionId: subscription!.id,
    windowId: window!.id,
    ruleId: rule!.id,
    updateKey: await createUpdate(db, { ...owner, assetId }, name),
    reviewId: review!.id,
    change: { id: held!.id, version: shown!.mark },
  };
}

/** A device of the asset that the run did not list, whose removal is held. */
async function createMissing(
  db: Db,
  { runId, ...owner }: { tenantId: string; connectionId: string; assetId: string; runId: string },
  externalId: string,
): Promise<void> {
  const device = { ...owner, externalId, integrationType: "levelio" as const, displayName: externalId };
  await db
    .insert(tenantExternalEntityMappings)
    .values({ ...device, contentHash: "x", observedAt: new Date() });
  await db
    .insert(rmmHeldChanges)
    .values({ ...owner, runId, externalId, kind: "removal", state: "held", name: externalId });
}

/** An update that is pending on the asset's device. */
async function createUpdate(
  db: Db,
  { assetId, ...owner }: { tenantId: string; connectionId: string; assetId: string },
  name: string,
): Promise<string> {
  const observedAt = new Date();
  const contentHash = "x";
  await db.insert(tenantExternalEntityMappings).values({
    ...owner,
    integrationType: "levelio",
    externalId: name,
    assetId,
    displayName: name,
    contentHash,
    observedAt,
  });
  const [update] = await db
    .insert(rmmDeviceUpdates)
    .values({ ...owner, externalUpdateId: name, externalDeviceId: name, name, contentHash, observedAt })
    .returning();
  await db
    .update(assetList)
    .set({ pendingPatches: 1, pendingSince: observedAt })
    .where(eq(assetList.assetId, assetId));
  return update!.patchKey!;
}
