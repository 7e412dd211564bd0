import type { TenantDb } from "@db/client";
import { recordAudit } from "@db/queries/audit";
import { updateIntegration, type IntegrationRow } from "@db/queries/integrations";
import { caughtUp } from "~/domain/schedule";

import { catchUpOnHints } from "./catch-up";
import type { Actor } from "./actor";
import { noteHealth } from "./notify/note-health";
import type { SyncDeps } from "./ports";

/**
 * Has the schedules of a connection that stand still go on, beginning with what they missed.
 * @param set what stood in their way, as it is from now on
 */
export async function resume(
  tx: TenantDb,
  deps: SyncDeps,
  row: IntegrationRow,
  set: Partial<IntegrationRow>,
  actor: Actor,
): Promise<void> {
  const { tenantId, id: integrationId } = row;
  const now = deps.clock();
  await updateIntegration(tx, tenantId, integrationId, { ...set, ...caughtUp(row, now) });
  if (row.status !== "active" && set.status === "active") await catchUpOnHints(tx, row, now);
  await noteHealth(tx, deps, { tenantId, integrationId });
  await recordAudit(tx, {
    tenantId,
    actorUserId: actor.userId,
    actor: actor.name,
    ip: actor.ip,
    action: "integration.resumed",
    targetType: "integration",
    targetId: integrationId,
  });
}
