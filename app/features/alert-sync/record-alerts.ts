import type { TenantDb } from "@db/client";
import { lockAlerts, writeAlerts } from "@db/queries/alerts/alerts";
import type { AlertStatus } from "@db/schema";
import { lateSince, placeholderIdsOf } from "@domain/alert-identity";
import type { OutgoingEvent } from "@domain/events";
import { emit } from "~/platform/outbox/emit";

import { AlertMerger, type AlertReport, type TakenIn } from "./alert-merger";

export type { AlertReport };

/** The account of the alerts, and the current time; later dates are not trusted. */
export interface AlertScope {
  tenantId: string;
  connectionId: string;
  now: Date;
}

/** The outcome of a report about an alert. */
export interface RecordedAlert {
  outcome: TakenIn["outcome"];
  alertId: string;
  assetId: string | null;
  status: AlertStatus;
  /** The status before all reports that were recorded with this one; null for a new alert. */
  statusBefore: AlertStatus | null;
}

/**
 * Records reports of alerts in their order. Two statements for any number, and one more round for alerts that another
 * process writes at the same time.
 */
export async function recordAlerts(
  tx: TenantDb,
  scope: AlertScope,
  reported: readonly AlertReport[],
): Promise<RecordedAlert[]> {
  if (reported.length === 0) return [];
  const merger = await openAlertMerger(tx, scope, reported);
  const taken = reported.map((one) => merger.take(one));
  const written = new Map(
    (await writeAlerts(tx, scope, merger.toWrite())).map((row) => [row.externalId, row] as const),
  );
  const isLost = ({ entry }: TakenIn) => entry.row === null && !written.has(entry.state.externalId);
  // Recording a report twice has no further effect.
  const again = await recordAlerts(
    tx,
    scope,
    reported.filter((_, index) => isLost(taken[index]!)),
  );
  const recorded = taken.map((one): RecordedAlert => {
    if (isLost(one)) return again.shift()!;
    const { row, state } = one.entry;
    const { alertId, assetId } = written.get(state.externalId) ?? { alertId: row!.id, assetId: row!.assetId };
    return {
      outcome: one.outcome,
      alertId,
      assetId,
      status: state.status,
      statusBefore: row?.status ?? null,
    };
  });
  const own = recorded.filter((_, index) => !isLost(taken[index]!));
  await emit(tx, eventsOf(scope, own), scope.now);
  return recorded;
}

/**
 * An event for each alert that began or ended. An alert that had ended before it became known is history and gets none.
 */
function eventsOf(
  { tenantId, connectionId }: AlertScope,
  recorded: readonly RecordedAlert[],
): OutgoingEvent[] {
  const changed = recorded.filter(({ status, statusBefore }) => status !== (statusBefore ?? "resolved"));
  const byAlert = new Map(changed.map(({ alertId, status }) => [alertId, status]));
  return [...byAlert].map(([alertId, status]) => ({
    name: status === "active" ? "RMM_ALERT_TRIGGERED" : "RMM_ALERT_RESOLVED",
    data: { tenantId, integrationId: connectionId, alertId },
  }));
}

/** Reads the alerts that the reports are about, and locks them until the transaction ends. */
export async function openAlertMerger(
  tx: TenantDb,
  scope: AlertScope,
  reported: readonly Omit<AlertReport, "observedVia">[],
): Promise<AlertMerger> {
  const byName = reported.filter(({ isByName }) => isByName === true);
  const ids = reported.flatMap(({ alert, isByName }) =>
    isByName === true ? [alert.externalId] : [alert.externalId, ...placeholderIdsOf(alert)],
  );
  const devices = byName.map(({ alert }) => alert.externalDeviceId).filter((id) => id !== "");
  const hostnames = byName.flatMap(({ alert: { externalDeviceId, deviceHostname } }) =>
    externalDeviceId === "" && deviceHostname !== null ? [deviceHostname] : [],
  );
  const since = lateSince(byName.map(({ observedAt }) => observedAt));
  return new AlertMerger(await lockAlerts(tx, scope, { ids, devices, hostnames, since }), scope.now);
}
