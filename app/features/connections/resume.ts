import type { TenantDb } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { updateIntegration, type IntegrationRow } from "@db/queries/connections/connections";
import type { Actor } from "@domain/actor";
import { caughtUp } from "@domain/schedule";
import { requestMissedRefresh } from "~/features/connection-health/missed-refresh";
import { noteHealth } from "~/features/connection-health/note-health";
import type { SyncDeps } from "~/platform/ports";

/**
 * Resumes the stopped schedules of a connection, beginning with what they missed.
 * @param set the new values of the columns that stopped the schedules
 */
export async function resume(
  tx: TenantDb,
  deps: SyncDeps,
  row: IntegrationRow,
  set: Partial<IntegrationRow>,
  actor: Actor,
): Promise<void> {
  const { tenantId, id: connectionId } = row;
  const now = deps.clock();
  await updateIntegration(tx, tenantId, connectionId, { ...set, ...caughtUp(row, now) });
  if (row.status !== "active" && set.status === "active") await requestMissedRefresh(tx, row, now);
  await noteHealth(tx, deps, { tenantId, connectionId });
  await audit(tx, tenantId, actor, {
    action: "integration.resumed",
    targetType: "integration",
    targetId: connectionId,
  });
}
