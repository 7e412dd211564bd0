import { withTenant } from "@db/client";
import { getAlert, setAcknowledged } from "@db/queries/alert-inbox";
import { recordAudit } from "@db/queries/audit";

import type { Actor } from "../connect";
import type { SyncDeps } from "../ports";

export type AcknowledgeOutcome =
  | { state: "done" }
  /** Somebody was faster, or a button was pressed twice. */
  | { state: "unchanged" }
  | { state: "unknown_alert" };

/** Notes that somebody has seen an alert, or takes that back. The provider is not told. */
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
    await recordAudit(tx, {
      tenantId,
      actorUserId: actor.userId,
      actor: actor.name,
      ip: actor.ip,
      action: isAcknowledged ? "alert.acknowledged" : "alert.reopened",
      targetType: "alert",
      targetId: alertId,
      details: { name: alert.name, device: alert.deviceHostname },
    });
    return { state: "done" };
  });
}
