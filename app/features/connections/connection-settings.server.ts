import { withTenant, type TenantDb } from "@db/client";
import { onUniqueViolation } from "@db/errors";
import { findLastAudit, audit } from "@db/queries/audit/audit";
import { isKnownDevice } from "@db/queries/connections/connection-counts";
import {
  listIntegrations,
  lockAllIntegrations,
  updateIntegration,
  type IntegrationRow,
} from "@db/queries/connections/connections";
import type { Actor } from "@domain/actor";
import { isAllowedPromise } from "@domain/freshness-promise";
import { isAllowedGrace } from "@domain/grace";
import type { ConnectionRef } from "@domain/refs";
import { firstInstants, fullUnpaused, isAllowedInterval, unpaused } from "@domain/schedule";
import { overwritten, type Stale } from "@domain/shown-version";
import { requestMissedRefresh } from "~/features/connection-health/missed-refresh";
import { noteHealth } from "~/features/connection-health/note-health";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

import { CONNECTION_NAME } from "./connect.server";
import { resume } from "./resume";

export interface SettingsChange {
  label?: string;
  fullSyncEnabled?: boolean;
  fullSyncIntervalMinutes?: number;
  alertsSyncIntervalMinutes?: number;
  goneGraceDays?: number;
  /** The promised percentage of fresh devices; null promises nothing. */
  promisedPercent?: number | null;
  /** The hours within which devices are confirmed; null follows the interval of the full sync. */
  promisedHours?: number | null;
  rulesStartAutomations?: boolean;
}

export type ChangeSettingsOutcome =
  | { state: "saved"; changed: string[] }
  | Stale
  | { state: "label_taken" }
  | { state: "interval_out_of_range" }
  | { state: "grace_out_of_range" }
  | { state: "promise_out_of_range" }
  | { state: "unknown_integration" };

/**
 * Changes the settings of a connection. A changed schedule is next due within its new interval. A schedule that is
 * switched on or off loses its failures and its pause.
 * @param version the values that the person saw, see `shownVersion`; undefined if none were shown
 * @returns the names of the changed settings, or why nothing was saved
 */
export async function changeSettings(
  deps: SyncDeps,
  ref: ConnectionRef,
  change: SettingsChange,
  actor: Actor,
  version?: string,
): Promise<ChangeSettingsOutcome> {
  const { fullSyncIntervalMinutes: full, alertsSyncIntervalMinutes: alerts } = change;
  const isAllowed =
    (full === undefined || isAllowedInterval("full", full)) &&
    (alerts === undefined || isAllowedInterval("alerts", alerts));
  if (!isAllowed) return { state: "interval_out_of_range" };
  const { goneGraceDays: grace } = change;
  if (grace !== undefined && !isAllowedGrace(grace)) return { state: "grace_out_of_range" };
  const { promisedPercent = null, promisedHours = null } = change;
  if (!isAllowedPromise("percent", promisedPercent) || !isAllowedPromise("hours", promisedHours))
    return { state: "promise_out_of_range" };
  const saving = () => inTransaction(deps, ref.tenantId, (tx) => save(tx, deps, ref, change, actor, version));
  return onUniqueViolation<ChangeSettingsOutcome>(CONNECTION_NAME, saving, () => ({
    state: "label_taken",
  }));
}

async function save(
  tx: TenantDb,
  deps: SyncDeps,
  ref: ConnectionRef,
  change: SettingsChange,
  actor: Actor,
  version: string | undefined,
): Promise<ChangeSettingsOutcome> {
  const now = deps.clock();
  await lockAllIntegrations(tx, ref.tenantId);
  const all = await listIntegrations(tx, ref.tenantId);
  const before = all.find((row) => row.id === ref.connectionId);
  if (before === undefined) return { state: "unknown_integration" };
  const named = Object.keys(change) as (keyof SettingsChange)[];
  const stored = Object.fromEntries(named.map((name) => [name, before[name]]));
  const fields = overwritten(version, stored, { ...change });
  if (fields.length > 0) {
    const actions = ["integration.settings_changed"];
    const last = await findLastAudit(tx, ref.tenantId, { actions, targetId: ref.connectionId });
    return { state: "stale", fields, by: last?.actor ?? null };
  }
  const isTaken = all.some(
    (row) => row.id !== before.id && row.provider === before.provider && row.label === change.label,
  );
  if (isTaken) return { state: "label_taken" };
  const changed = named.filter((name) => change[name] !== undefined && change[name] !== before[name]);
  if (changed.length === 0) return { state: "saved", changed };
  const isSwitched = changed.includes("fullSyncEnabled");
  await updateIntegration(tx, ref.tenantId, ref.connectionId, {
    ...change,
    ...(isSwitched && fullUnpaused),
    ...(before.status === "disconnected" ? {} : movedInstants(before, change, now)),
  });
  if (isSwitched && before.pausedAt !== null) await requestMissedRefresh(tx, { ...before, ...change }, now);
  if (isSwitched) await noteHealth(tx, deps, ref, { isSwitchedOff: change.fullSyncEnabled === false });
  await audit(tx, ref.tenantId, actor, {
    action: "integration.settings_changed",
    targetType: "integration",
    targetId: ref.connectionId,
    details: Object.fromEntries(
      changed.map((name) => [name, { from: before[name], to: change[name] ?? null }]),
    ),
  });
  return { state: "saved", changed };
}

/** The next due times of the schedules that the change affects; the other schedules keep theirs. */
function movedInstants(before: IntegrationRow, change: SettingsChange, now: Date): Partial<IntegrationRow> {
  const next = firstInstants({ ...before, ...change }, now);
  const differs = (name: keyof SettingsChange) => change[name] !== undefined && change[name] !== before[name];
  return {
    ...(differs("fullSyncEnabled") || differs("fullSyncIntervalMinutes")
      ? { nextFullSyncAt: next.nextFullSyncAt }
      : {}),
    ...(differs("alertsSyncIntervalMinutes") ? { nextAlertsSyncAt: next.nextAlertsSyncAt } : {}),
  };
}

export type ResumeOutcome = { state: "resumed" } | { state: "not_paused" } | { state: "unknown_integration" };

/** Resumes the paused schedules of a connection; they are due at once. */
export async function resumeSchedule(
  deps: SyncDeps,
  ref: ConnectionRef,
  actor: Actor,
): Promise<ResumeOutcome> {
  return withTenant(deps.db, ref.tenantId, async (tx): Promise<ResumeOutcome> => {
    const all = await listIntegrations(tx, ref.tenantId);
    const before = all.find((row) => row.id === ref.connectionId);
    if (before === undefined) return { state: "unknown_integration" };
    if (before.pausedAt === null && before.alertsPausedAt === null) return { state: "not_paused" };
    await resume(tx, deps, before, unpaused, actor);
    return { state: "resumed" };
  });
}

/** Whether the account has this device, as far as is known. A device that is not known is not worth a call. */
export async function knowsDevice(
  deps: Pick<SyncDeps, "db">,
  ref: ConnectionRef,
  externalDeviceId: string,
): Promise<boolean> {
  return withTenant(deps.db, ref.tenantId, (tx) =>
    isKnownDevice(tx, ref.tenantId, ref.connectionId, externalDeviceId),
  );
}
