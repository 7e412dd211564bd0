import { withTenant, type Db, type TenantDb } from "@db/client";
import { firstReceivedAt } from "@db/queries/alerts/alert-polls";
import {
  countConnection,
  lastReceivedByScheme,
  listDuplicateConnections,
} from "@db/queries/connections/connection-counts";
import { getIntegration, listIntegrations, type IntegrationRow } from "@db/queries/connections/connections";
import { getSecret } from "@db/queries/connections/secrets";
import { latestRuns, type RunSummary } from "@db/queries/sync-runs/run-list";
import { connectionNameValues, graceValues, scheduleValues } from "@domain/form-values";
import { scheduleStatusOf } from "@domain/schedule";
import { setupGuide } from "@domain/setup-guide";
import { shownVersion } from "@domain/shown-version";
import { isAvailable, type Features } from "~/connectors/availability";
import { providerKeys, providerRegistry, type ProviderKey } from "~/connectors/registry";
import { listIgnored } from "@db/queries/sync-runs/ignored-records";

import { WEBHOOK_SECRET, PREVIOUS_WEBHOOK_SECRET } from "./secrets.server";

/** The part of a connection that a card shows. */
const summaryOf = (integration: IntegrationRow, lastRun: RunSummary | null, now: Date) => ({
  id: integration.id,
  provider: integration.provider,
  label: integration.label,
  status: integration.status,
  statusReason: integration.statusReason,
  syncs: {
    full: integration.fullSyncStatus,
    groups: integration.groupsSyncStatus,
    alerts: integration.alertsSyncStatus,
  },
  schedules: scheduleStatusOf(integration, now),
  lastRun,
});

export type ConnectionOverview = ReturnType<typeof summaryOf>;

/** The connections of a tenant, each with its last full sync. Two statements. */
export async function readConnectionOverviews(
  tx: TenantDb,
  tenantId: string,
  now: Date,
): Promise<ConnectionOverview[]> {
  const integrations = await listIntegrations(tx, tenantId);
  const runs = await latestRuns(tx, tenantId, { limit: 100, lastFullOfEach: true });
  return integrations.map((integration) =>
    summaryOf(integration, runs.find((run) => run.connectionId === integration.id) ?? null, now),
  );
}

/** The kinds of RMM that the tenant has, each with its connections. Two statements. */
export async function readProviders(db: Db, tenantId: string, features: Features, now: Date) {
  const summaries = await withTenant(db, tenantId, (tx) => readConnectionOverviews(tx, tenantId, now));
  return providerKeys
    .filter((key) => isAvailable(providerRegistry[key], features))
    .map((key) => ({ key, connections: summaries.filter(({ provider }) => provider === key) }));
}

export type ProviderCardData = Awaited<ReturnType<typeof readProviders>>[number];

/** The connections of one kind of RMM. */
export async function readConnections(db: Db, tenantId: string, provider: ProviderKey, now: Date) {
  const summaries = await withTenant(db, tenantId, (tx) => readConnectionOverviews(tx, tenantId, now));
  return summaries.filter((summary) => summary.provider === provider);
}

/** The provider of a connection; null if the tenant has no such connection. */
export async function providerOf(db: Db, tenantId: string, connectionId: string): Promise<string | null> {
  const row = await withTenant(db, tenantId, (tx) => getIntegration(tx, tenantId, connectionId));
  return row?.provider ?? null;
}

/** The header of a connection's pages. Four statements; null if there is no such connection. */
export async function readConnection(
  db: Db,
  { tenantId, connectionId, provider }: { tenantId: string; connectionId: string; provider: ProviderKey },
  now: Date,
) {
  return withTenant(db, tenantId, async (tx) => {
    const integration = await getIntegration(tx, tenantId, connectionId);
    if (integration === undefined || integration.provider !== provider) return null;
    const counts = await countConnection(tx, tenantId, connectionId);
    const receivedSince = await firstReceivedAt(tx, tenantId, connectionId);
    const [lastRun] = await latestRuns(tx, tenantId, { limit: 1, lastOfEachTypeOf: connectionId });
    return {
      ...summaryOf(integration, lastRun ?? null, now),
      lastSyncs: {
        groups: integration.lastGroupsSyncAt,
        full: integration.lastFullSyncAt,
        alerts: integration.lastAlertsSyncAt,
      },
      lastSyncError: integration.lastSyncError,
      lastSyncHint: integration.lastSyncHint,
      counts,
      guide: setupGuide({
        hasKey: integration.keySavedAt !== null,
        groups: counts.groups,
        mappedGroups: counts.mappedGroups,
        hasFullSync: integration.lastFullSyncAt !== null,
        hasReceivedWebhook: receivedSince !== null,
      }),
    };
  });
}

export type ConnectionSummary = NonNullable<Awaited<ReturnType<typeof readConnection>>>;

/** The most ignored records that a connection's page lists. */
const IGNORED_SHOWN = 100;

/**
 * The settings of a connection, its duplicates, and the last run of each kind. Never includes a secret. Four
 * statements; null if there is no such connection.
 */
export async function readConnectionSettings(db: Db, tenantId: string, connectionId: string) {
  return withTenant(db, tenantId, async (tx) => {
    const integration = await getIntegration(tx, tenantId, connectionId);
    if (integration === undefined) return null;
    return {
      key: {
        lastCharacters: integration.keyLastCharacters,
        savedAt: integration.keySavedAt,
        instanceUrl: integration.instanceUrl,
      },
      schedule: {
        fullSyncEnabled: integration.fullSyncEnabled,
        fullSyncIntervalMinutes: integration.fullSyncIntervalMinutes,
        alertsSyncIntervalMinutes: integration.alertsSyncIntervalMinutes,
      },
      goneGraceDays: integration.goneGraceDays,
      rulesStartAutomations: integration.rulesStartAutomations,
      versions: {
        name: shownVersion(connectionNameValues(integration)),
        schedule: shownVersion(scheduleValues(integration)),
        grace: shownVersion(graceValues(integration)),
      },
      ignored: await listIgnored(tx, { tenantId, connectionId }, IGNORED_SHOWN),
      duplicates: await listDuplicateConnections(tx, tenantId, connectionId),
      runs: await latestRuns(tx, tenantId, { limit: 10, lastOfEachTypeOf: connectionId, withDryRuns: true }),
    };
  });
}

export type ConnectionSettings = NonNullable<Awaited<ReturnType<typeof readConnectionSettings>>>;

/** The last run of each kind, by which a page follows running ones. Null if there is no such connection. */
export async function readProgress(db: Db, tenantId: string, connectionId: string) {
  return withTenant(db, tenantId, async (tx) => {
    if ((await getIntegration(tx, tenantId, connectionId)) === undefined) return null;
    return latestRuns(tx, tenantId, { limit: 10, lastOfEachTypeOf: connectionId, withDryRuns: true });
  });
}

/** The address that Level sends to. */
export const webhookUrl = (publicUrl: string, tenant: { slug: string }): string =>
  `${publicUrl}/api/webhooks/levelio?tenant=${encodeURIComponent(tenant.slug)}`;

/** The webhook's address and the state of its secret, never the secret itself. */
export async function readWebhookInfo(
  db: Db,
  tenant: { id: string; slug: string },
  connectionId: string,
  publicUrl: string,
) {
  return withTenant(db, tenant.id, async (tx) => {
    const secret = await getSecret(tx, tenant.id, connectionId, WEBHOOK_SECRET);
    const previous = await getSecret(tx, tenant.id, connectionId, PREVIOUS_WEBHOOK_SECRET);
    const integration = await getIntegration(tx, tenant.id, connectionId);
    return {
      url: webhookUrl(publicUrl, tenant),
      isPublic: publicUrl.startsWith("https://") && !/\/\/(localhost|127\.|\[::1\])/.test(publicUrl),
      secret:
        secret === undefined
          ? null
          : { createdAt: secret.createdAt, wasRevealed: secret.revealedAt !== null },
      previousSecretUntil: previous?.expiresAt ?? null,
      received: await lastReceivedByScheme(tx, tenant.id, connectionId),
      /** Older deliveries were pruned, so a method that `received` lacks may have been used before. */
      wasPruned: integration?.webhookFirstReceivedAt != null,
    };
  });
}

export type WebhookInfo = Awaited<ReturnType<typeof readWebhookInfo>>;
