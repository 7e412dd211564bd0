import { withTenant, type TenantDb } from "@db/client";
import { getAlert, type AlertRow } from "@db/queries/alerts/alert-inbox";
import { audit } from "@db/queries/audit/audit";
import { getIntegration } from "@db/queries/connections/connections";
import type { Actor } from "@domain/actor";
import { isPlaceholder } from "@domain/alert-identity";
import { clampFutureMs } from "@domain/observation";
import type { AlertSnapshot } from "@domain/snapshots";
import { isRmmError, type RmmError } from "~/connectors/rmm-error";
import { recordAlerts, type AlertReport } from "~/features/alert-sync/record-alerts";
import { callRmm } from "~/platform/call-rmm";
import type { SyncDeps } from "~/platform/ports";

export type ResolveAlertsOutcome =
  | { state: "resolved" }
  /** The provider no longer has the alert, so it is closed here. */
  | { state: "gone" }
  /** The alert is known by device and name only, so the provider cannot be asked. It is closed here. */
  | { state: "closed_here" }
  | { state: "already_resolved" }
  /** The provider refused or did not answer, so nothing was changed here. */
  | { state: "refused"; error: RmmError }
  | { state: "disconnected" }
  | { state: "unknown_alert" };

/**
 * Resolves an alert in the RMM and stores the RMM's answer. Changes nothing here if the RMM refuses.
 * @throws any error that is not the RMM's answer
 */
export async function resolveAlert(
  deps: SyncDeps,
  { tenantId, alertId }: { tenantId: string; alertId: string },
  actor: Actor,
): Promise<ResolveAlertsOutcome> {
  const { alert, integration } = await withTenant(deps.db, tenantId, async (tx) => {
    const row = await getAlert(tx, tenantId, alertId);
    return {
      alert: row,
      integration: row && (await getIntegration(tx, tenantId, row.connectionId)),
    };
  });
  if (alert === undefined || integration === undefined) return { state: "unknown_alert" };
  if (alert.status === "resolved") return { state: "already_resolved" };
  const now = deps.clock();
  const closed: AlertSnapshot = { ...snapshotOf(alert), status: "resolved", resolvedAt: now };
  const close = (as: AlertSnapshot, observedAt: Date, state: "resolved" | "gone" | "closed_here") =>
    withTenant(deps.db, tenantId, async (tx): Promise<ResolveAlertsOutcome> => {
      const observedVia = state === "closed_here" ? "person" : "sweep";
      await store(tx, alert, { alert: as, observedAt, observedVia }, now);
      await auditResolved(tx, alert, actor, state);
      return { state };
    });

  if (isPlaceholder(alert.externalAlertId)) return close(closed, now, "closed_here");
  if (integration.status === "disconnected") return { state: "disconnected" };
  try {
    const ref = { tenantId, connectionId: integration.id, provider: integration.provider };
    const answer = await callRmm(deps, ref, (provider) => provider.resolveAlert(alert.externalAlertId));
    if (answer.state === "gone") return await close(closed, now, "gone");
    // The RMM did not refuse, so the alert is resolved, even if its answer shows an earlier state.
    if (answer.state === "unreadable") return await close(closed, answer.observedAt, "resolved");
    const { resolvedAt } = answer.item;
    const resolved: AlertSnapshot = { ...answer.item, status: "resolved", resolvedAt: resolvedAt ?? now };
    return await close(resolved, answer.observedAt, "resolved");
  } catch (error) {
    if (isRmmError(error)) return { state: "refused", error };
    throw error;
  }
}

const snapshotOf = (row: AlertRow): AlertSnapshot => ({
  externalId: row.externalAlertId,
  externalDeviceId: row.externalDeviceId ?? "",
  deviceHostname: row.deviceHostname,
  name: row.name,
  description: row.description,
  payload: row.payload,
  severity: row.severity,
  providerSeverity: row.providerSeverity,
  status: row.status,
  startedAt: row.startedAt,
  resolvedAt: row.resolvedAt,
});

/**
 * Stores the report with a time that is not before that of the stored alert, because this action is newer than anything
 * known.
 */
async function store(tx: TenantDb, known: AlertRow, reported: AlertReport, now: Date): Promise<void> {
  const newest = new Date(
    Math.max(reported.observedAt.getTime(), clampFutureMs(known.observedAt.getTime(), now)),
  );
  await recordAlerts(tx, { ...known, now }, [{ ...reported, observedAt: newest }]);
}

const auditResolved = (tx: TenantDb, alert: AlertRow, actor: Actor, how: string) =>
  audit(tx, alert.tenantId, actor, {
    action: "alert.resolved",
    targetType: "alert",
    targetId: alert.id,
    details: { name: alert.name, device: alert.deviceHostname, how },
  });
