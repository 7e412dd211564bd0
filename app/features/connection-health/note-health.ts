import type { TenantDb } from "@db/client";
import { lockIntegration } from "@db/queries/connections/connections";
import { readHealth, setHealth, type HealthRow } from "@db/queries/connections/health";
import {
  changeOfHealth,
  troubledSchedule,
  type ConnectionFacts,
  type ConnectionHealth,
  type HealthChange,
  type NotificationKind,
  type ScheduleFacts,
} from "@domain/connection-health";
import type { OutgoingEvent } from "@domain/events";
import { notificationMessage, type Occasion } from "@domain/notification-text";
import type { ConnectionRef } from "@domain/refs";
import type { ScheduledKind } from "@domain/schedule-limits";
import { providerRegistry, type ProviderKey } from "~/connectors/registry";
import { emit } from "~/platform/outbox/emit";
import { notify } from "~/platform/outbox/notify";
import type { SyncDeps } from "~/platform/ports";

/** The cause of a change of state, if the notification depends on it. */
interface Cause {
  /** The schedule that this transaction paused. */
  paused?: ScheduledKind | undefined;
  /** A person switched off what failed: the connection counts as healthy, without a recovery notice. */
  isSwitchedOff?: boolean;
}

/**
 * Notifies people and subscribers if the state of a connection changed. Call it wherever it may change, last in the
 * transaction (`inTransaction`), so that the notice states what was committed.
 */
export async function noteHealth(
  tx: TenantDb,
  deps: Pick<SyncDeps, "clock">,
  { tenantId, connectionId }: ConnectionRef,
  cause: Cause = {},
): Promise<void> {
  const seen = await readHealth(tx, tenantId, connectionId);
  if (seen === undefined || isAsReported(seen, changeOf(seen, cause))) return;
  // If two transactions see the change at once, the second one finds it reported.
  await lockIntegration(tx, tenantId, connectionId);
  const row = (await readHealth(tx, tenantId, connectionId))!;
  const change = changeOf(row, cause);
  if (isAsReported(row, change)) return;
  const { health, tell } = change;
  const now = deps.clock();
  if (health !== row.health) await setHealth(tx, tenantId, connectionId, health, now);
  await emit(
    tx,
    tell.map((kind) => ({ name: eventOf[kind], data: { tenantId, integrationId: connectionId, kind } })),
    now,
  );
  const occasion = occasionOf(row, health, now, cause);
  const notices = tell.map((kind) => ({ connectionId, kind, ...notificationMessage(kind, occasion) }));
  await notify(tx, tenantId, notices, now);
}

/**
 * The facts of full syncs that are switched off: they count as healthy, because whoever starts one by hand sees its
 * result.
 */
const SWITCHED_OFF: ScheduleFacts = {
  isPaused: false,
  failuresInARow: 0,
  isLost: false,
  lastCompleted: true,
};

const factsOf = (row: HealthRow): ConnectionFacts => ({
  status: row.status,
  full: row.fullSyncEnabled
    ? {
        ...row.full,
        lastCompleted: row.fullSyncStatus === "completed" || row.fullSyncStatus === "completed_with_errors",
      }
    : SWITCHED_OFF,
  // An account whose alerts were never compared has no failure to report.
  alerts: { ...row.alerts, lastCompleted: row.alerts.lastCompleted ?? true },
  heldChanges: row.heldChanges,
});

function changeOf(row: HealthRow, { paused, isSwitchedOff }: Cause): HealthChange {
  const { health, tell } = changeOfHealth(row.health, factsOf(row), paused !== undefined);
  return { health, tell: isSwitchedOff === true ? [] : tell };
}

const isAsReported = (row: HealthRow, { health, tell }: HealthChange): boolean =>
  health === row.health && tell.length === 0;

function occasionOf(row: HealthRow, health: ConnectionHealth, now: Date, { paused }: Cause): Occasion {
  const schedule = (health === "paused" ? paused : undefined) ?? troubledSchedule(health, factsOf(row));
  const isOfAlerts = schedule === "alerts";
  return {
    label: row.label,
    provider: providerRegistry[row.provider as ProviderKey].title,
    at: now,
    previous: row.health,
    previousSince: row.healthSinceMs === null ? null : new Date(row.healthSinceMs),
    schedule,
    reason: isOfAlerts ? row.alerts.lastError : row.lastSyncError,
    hint: (isOfAlerts ? row.alerts.lastHint : row.lastSyncHint) ?? row.statusReason,
    heldChanges: row.heldChanges,
  };
}

const eventOf = {
  failing: "RMM_CONNECTION_FAILING",
  recovered: "RMM_CONNECTION_RECOVERED",
  paused: "RMM_CONNECTION_PAUSED",
  needs_attention: "RMM_CONNECTION_NEEDS_ATTENTION",
  held: "RMM_CHANGES_HELD",
} as const satisfies Record<NotificationKind, OutgoingEvent["name"]>;
