import { withTenant } from "@db/client";
import { recordAudit } from "@db/queries/audit";
import { isKnownDevice } from "@db/queries/connection";
import { listIntegrations, updateIntegration, type IntegrationRow } from "@db/queries/integrations";

import type { Actor } from "./connect";
import type { SyncDeps } from "./ports";

/** Shortest and longest interval between full syncs: 15 minutes, 7 days. */
export const fullSyncIntervalMinutes = { min: 15, max: 7 * 24 * 60 } as const;

export interface SettingsChange {
  label?: string;
  fullSyncEnabled?: boolean;
  fullSyncIntervalMinutes?: number;
}

interface ConnectionRef {
  tenantId: string;
  integrationId: string;
}

export type ChangeSettingsOutcome =
  | { state: "saved"; changed: string[] }
  | { state: "label_taken" }
  | { state: "interval_out_of_range" }
  | { state: "unknown_integration" };

/**
 * Changes what a person may set on a connection. The next full sync is due one new interval after the last one,
 * at once when that has passed.
 */
export async function changeSettings(
  deps: SyncDeps,
  ref: ConnectionRef,
  change: SettingsChange,
  actor: Actor,
): Promise<ChangeSettingsOutcome> {
  const minutes = change.fullSyncIntervalMinutes;
  if (minutes !== undefined && !isInterval(minutes)) return { state: "interval_out_of_range" };
  return withTenant(deps.db, ref.tenantId, async (tx): Promise<ChangeSettingsOutcome> => {
    const all = await listIntegrations(tx, ref.tenantId);
    const before = all.find((row) => row.id === ref.integrationId);
    if (before === undefined) return { state: "unknown_integration" };
    const isTaken = all.some(
      (row) => row.id !== before.id && row.provider === before.provider && row.label === change.label,
    );
    if (isTaken) return { state: "label_taken" };
    const changed = (Object.keys(change) as (keyof SettingsChange)[]).filter(
      (name) => change[name] !== undefined && change[name] !== before[name],
    );
    if (changed.length === 0) return { state: "saved", changed };
    const after = { ...before, ...change };
    await updateIntegration(tx, ref.tenantId, ref.integrationId, {
      ...change,
      ...(changed.some((name) => name !== "label") ? { nextFullSyncAt: nextDue(after, deps.clock()) } : {}),
    });
    await recordAudit(tx, {
      tenantId: ref.tenantId,
      actorUserId: actor.userId,
      actor: actor.name,
      ip: actor.ip,
      action: "integration.settings_changed",
      targetType: "integration",
      targetId: ref.integrationId,
      details: Object.fromEntries(
        changed.map((name) => [name, { from: before[name], to: change[name] ?? null }]),
      ),
    });
    return { state: "saved", changed };
  });
}

const isInterval = (minutes: number): boolean =>
  Number.isInteger(minutes) &&
  minutes >= fullSyncIntervalMinutes.min &&
  minutes <= fullSyncIntervalMinutes.max;

function nextDue(row: IntegrationRow, now: Date): Date | null {
  if (!row.fullSyncEnabled || row.status === "disconnected") return null;
  const last = row.lastFullSyncAt ?? now;
  return new Date(Math.max(now.getTime(), last.getTime() + row.fullSyncIntervalMinutes * 60_000));
}

export type ResumeOutcome = { state: "resumed" } | { state: "not_paused" } | { state: "unknown_integration" };

/** Lets a paused schedule go on; it is due at once. */
export async function resumeSchedule(
  deps: SyncDeps,
  ref: ConnectionRef,
  actor: Actor,
): Promise<ResumeOutcome> {
  return withTenant(deps.db, ref.tenantId, async (tx): Promise<ResumeOutcome> => {
    const all = await listIntegrations(tx, ref.tenantId);
    const before = all.find((row) => row.id === ref.integrationId);
    if (before === undefined) return { state: "unknown_integration" };
    if (before.pausedAt === null) return { state: "not_paused" };
    await updateIntegration(tx, ref.tenantId, ref.integrationId, {
      pausedAt: null,
      pausedReason: null,
      consecutiveFailures: 0,
      nextFullSyncAt: before.fullSyncEnabled ? deps.clock() : null,
    });
    await recordAudit(tx, {
      tenantId: ref.tenantId,
      actorUserId: actor.userId,
      actor: actor.name,
      ip: actor.ip,
      action: "integration.resumed",
      targetType: "integration",
      targetId: ref.integrationId,
    });
    return { state: "resumed" };
  });
}

/** Whether a device of the account is known: only such a device is worth a call. */
export async function knowsDevice(
  deps: Pick<SyncDeps, "db">,
  ref: ConnectionRef,
  externalDeviceId: string,
): Promise<boolean> {
  return withTenant(deps.db, ref.tenantId, (tx) =>
    isKnownDevice(tx, ref.tenantId, ref.integrationId, externalDeviceId),
  );
}
