import { withTenant } from "@db/client";
import {
  countAlerts,
  getAlert,
  setAcknowledged,
  setAllAcknowledged,
  type AlertChoice,
} from "@db/queries/alerts/alert-inbox";
import { audit } from "@db/queries/audit/audit";
import type { Actor } from "@domain/actor";
import type { SyncDeps } from "~/platform/ports";

export type AcknowledgeOutcome =
  | { state: "done" }
  /** The alert already has this state, because of another person or a second press. */
  | { state: "unchanged" }
  | { state: "unknown_alert" };

/** Records that a person has seen an alert, or undoes that. The provider is not informed. */
export async function acknowledgeAlert(
  deps: Pick<SyncDeps, "db" | "clock">,
  { tenantId, alertId }: { tenantId: string; alertId: string },
  isAcknowledged: boolean,
  actor: Actor,
): Promise<AcknowledgeOutcome> {
  return withTenant(deps.db, tenantId, async (tx): Promise<AcknowledgeOutcome> => {
    const alert = await getAlert(tx, tenantId, alertId);
    if (alert === undefined) return { state: "unknown_alert" };
    const by = isAcknowledged ? { at: deps.clock(), userId: actor.userId } : null;
    if (!(await setAcknowledged(tx, tenantId, alertId, by))) return { state: "unchanged" };
    await audit(tx, tenantId, actor, {
      action: isAcknowledged ? "alert.acknowledged" : "alert.reopened",
      targetType: "alert",
      targetId: alertId,
      details: { name: alert.name, device: alert.deviceHostname },
    });
    return { state: "done" };
  });
}

export type AcknowledgeAllOutcome =
  /** `at` identifies the alerts that were acknowledged together, so that it can be undone. */
  | { state: "done"; alerts: number; at: Date }
  /** More alerts match the filter than the person saw, so nothing was changed. */
  | { state: "more_than_seen"; alerts: number };

/** The most alerts that can be selected one by one. */
export const MAX_PICKED = 500;

/**
 * Records that a person has seen all active alerts of a choice, or undoes that. The number of statements does not
 * depend on the number of alerts.
 * @param seen the number of matching alerts that the person saw
 */
export async function acknowledgeAlerts(
  deps: Pick<SyncDeps, "db" | "clock">,
  { tenantId, choice, seen }: { tenantId: string; choice: AlertChoice; seen?: number },
  isAcknowledged: boolean,
  actor: Actor,
): Promise<AcknowledgeAllOutcome> {
  const at = deps.clock();
  return withTenant(deps.db, tenantId, async (tx): Promise<AcknowledgeAllOutcome> => {
    if (choice.kind === "filter" && seen !== undefined) {
      const fitting = await countAlerts(tx, tenantId, choice.filter, choice.now);
      if (fitting > seen) return { state: "more_than_seen", alerts: fitting };
    }
    const by = isAcknowledged ? { at, userId: actor.userId } : null;
    const alerts = await setAllAcknowledged(tx, tenantId, choice, by);
    if (alerts > 0) {
      await audit(tx, tenantId, actor, {
        action: isAcknowledged ? "alerts.acknowledged" : "alerts.reopened",
        targetType: "alerts",
        details: { alerts, ...describe(choice) },
      });
    }
    return { state: "done", alerts, at };
  });
}

function describe(choice: AlertChoice): Record<string, unknown> {
  switch (choice.kind) {
    case "picked":
      return { ids: choice.ids };
    case "filter":
      return { filter: choice.filter };
    case "together":
      return { acknowledgedAt: choice.at };
  }
}
