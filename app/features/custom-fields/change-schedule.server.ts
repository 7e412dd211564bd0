import { audit, findLastAudit } from "@db/queries/audit/audit";
import { lockIntegration } from "@db/queries/connections/connections";
import { getCustomFieldSchedule, saveCustomFieldSchedule } from "@db/queries/custom-fields/readings";
import { withTenant } from "@db/client";
import type { Actor } from "@domain/actor";
import type { CustomFieldInterval } from "@domain/custom-fields";
import { customFieldSchedule } from "@domain/form-values";
import type { ConnectionRef } from "@domain/refs";
import { overwritten, type Stale } from "@domain/shown-version";
import type { SyncDeps } from "~/platform/ports";

type ScheduleDeps = Pick<SyncDeps, "db" | "clock">;

export type ScheduleOutcome = { state: "saved" | "unchanged" } | Stale | { state: "unknown_integration" };

/**
 * Sets how often the custom fields of a connection are read. When they are switched on, a reading is due at once. When
 * they are switched off, a running reading ends, and the stored values stay.
 */
export async function changeCustomFieldSchedule(
  deps: ScheduleDeps,
  ref: ConnectionRef,
  interval: CustomFieldInterval,
  actor: Actor,
  version?: string,
): Promise<ScheduleOutcome> {
  return withTenant(deps.db, ref.tenantId, async (tx): Promise<ScheduleOutcome> => {
    if ((await lockIntegration(tx, ref.tenantId, ref.connectionId)) === undefined)
      return { state: "unknown_integration" };
    const before = await getCustomFieldSchedule(tx, ref);
    const from = before?.interval ?? "off";
    const fields = overwritten(version, customFieldSchedule(from), customFieldSchedule(interval));
    if (fields.length > 0) {
      const actions = ["integration.settings_changed"] as const;
      const last = await findLastAudit(tx, ref.tenantId, {
        actions: [...actions],
        targetId: ref.connectionId,
      });
      return { state: "stale", fields, by: last?.actor ?? null };
    }
    if (from === interval) return { state: "unchanged" };
    const isFirst = from === "off";
    await saveCustomFieldSchedule(tx, ref, {
      interval,
      ...(isFirst && { nextDueAt: deps.clock() }),
      ...(interval === "off" && { nextDueAt: null, ...idle }),
    });
    await audit(tx, ref.tenantId, actor, {
      action: "integration.settings_changed",
      targetType: "integration",
      targetId: ref.connectionId,
      details: { customFields: { from, to: interval } },
    });
    return { state: "saved" };
  });
}

const idle = { startedAt: null, cursor: null, waitUntil: null, faults: 0, error: null, hint: null };

/** Makes a reading of the custom fields due now. Returns whether they are switched on. */
export async function readNow(deps: ScheduleDeps, ref: ConnectionRef): Promise<boolean> {
  return withTenant(deps.db, ref.tenantId, async (tx) => {
    const schedule = await getCustomFieldSchedule(tx, ref, { lock: true });
    if (schedule === undefined || schedule.interval === "off") return false;
    await saveCustomFieldSchedule(tx, ref, { nextDueAt: deps.clock(), waitUntil: null });
    return true;
  });
}
