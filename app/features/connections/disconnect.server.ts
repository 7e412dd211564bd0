import type { TenantDb } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { lockIntegration, restoreSyncStatus, updateIntegration } from "@db/queries/connections/connections";
import { deleteSecrets } from "@db/queries/connections/secrets";
import { markAllDevicesGone } from "@db/queries/device-sync/gone";
import { listOpenRuns } from "@db/queries/sync-runs/runs";
import type { Actor } from "@domain/actor";
import { unpaused } from "@domain/schedule";
import { noteHealth } from "~/features/connection-health/note-health";
import { endRun } from "~/features/sync-execution/end-run";
import { emit } from "~/platform/outbox/emit";
import { inTransaction } from "~/platform/outbox/in-transaction";
import { announceGone } from "~/platform/outbox/publish-updated";
import type { SyncDeps } from "~/platform/ports";

/** What happens to the assets: they stay as they are, or are marked as no longer managed. */
export const assetsAfterDisconnect = ["keep", "retire"] as const;

export interface DisconnectRequest {
  tenantId: string;
  connectionId: string;
  assets: (typeof assetsAfterDisconnect)[number];
  actor: Actor;
}

export type DisconnectOutcome =
  | { state: "disconnected"; retired: number; cancelledRuns: number }
  | { state: "already_disconnected" }
  | { state: "unknown_integration" };

/** Why the assets of a disconnected account are gone, as the pages show it. */
const GONE_REASON = "the connection to its RMM account was removed";

/**
 * Disconnects a connection in one transaction: cancels its runs, deletes its secrets and emits
 * INTEGRATION_DISCONNECTED. Groups, mappings and identities stay, so that a new key continues where it stopped.
 * @returns how many assets were retired and runs cancelled, or why nothing was done
 */
export async function disconnect(deps: SyncDeps, request: DisconnectRequest): Promise<DisconnectOutcome> {
  return inTransaction(deps, request.tenantId, (tx) => end(tx, deps, request));
}

async function end(tx: TenantDb, deps: SyncDeps, request: DisconnectRequest): Promise<DisconnectOutcome> {
  const { tenantId, connectionId, assets, actor } = request;
  const now = deps.clock();
  // Takes the lock that each page of a sync takes first: a page commits before the disconnection, or finds its run
  // ended.
  const integration = await lockIntegration(tx, tenantId, connectionId);
  if (integration === undefined) return { state: "unknown_integration" };
  if (integration.status === "disconnected") return { state: "already_disconnected" };
  const open = await listOpenRuns(tx, tenantId, connectionId);
  for (const run of open) await endRun(tx, deps, { tenantId, runId: run.id }, { status: "cancelled" });
  await restoreSyncStatus(tx, tenantId, connectionId);
  await updateIntegration(tx, tenantId, connectionId, {
    status: "disconnected",
    statusReason: null,
    keyLastCharacters: null,
    keySavedAt: null,
    nextFullSyncAt: null,
    nextAlertsSyncAt: null,
    ...unpaused,
  });
  await noteHealth(tx, deps, { tenantId, connectionId });
  await deleteSecrets(tx, tenantId, connectionId);
  const scope = { tenantId, connectionId };
  const gone = assets === "retire" ? await markAllDevicesGone(tx, scope, GONE_REASON, now) : [];
  const retired = await announceGone(tx, scope, gone, now);
  await emit(
    tx,
    [{ name: "INTEGRATION_DISCONNECTED", data: { tenantId, integrationId: connectionId } }],
    now,
  );
  await audit(tx, tenantId, actor, {
    action: "integration.disconnected",
    targetType: "integration",
    targetId: connectionId,
    details: { label: integration.label, assets, retired, cancelledRuns: open.length },
  });
  return { state: "disconnected", retired, cancelledRuns: open.length };
}
