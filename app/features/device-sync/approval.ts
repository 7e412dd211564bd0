import type { TenantDb } from "@db/client";
import { listApproved } from "@db/queries/device-sync/identity";
import { heldForApproval, leftOutDecision, type MatchDecision } from "@domain/match-decision";
import { waitsForApproval, type ApprovalScope } from "@domain/matching-rules";
import type { ConnectionRef } from "@domain/refs";
import type { DeviceSnapshot } from "@domain/snapshots";

interface Decided {
  snapshot: Pick<DeviceSnapshot, "externalId" | "externalGroupId" | "assetType">;
  /** Why the device has had no asset so far. */
  skipReason?: string | null;
  decision: MatchDecision;
}

/**
 * What happens to new devices once the rules about approval are applied, by device. At most one statement.
 * @param decided the decision on each device by its match alone
 */
export async function holdForApproval(
  tx: TenantDb,
  ref: ConnectionRef,
  decided: readonly Decided[],
  approval: ApprovalScope,
): Promise<Map<string, MatchDecision>> {
  const waits = ({ snapshot, decision }: Decided): boolean =>
    decision.action === "create" &&
    waitsForApproval(approval, { ...snapshot, externalGroupId: snapshot.externalGroupId ?? null });
  const approved = await listApproved(
    tx,
    ref,
    decided.filter(waits).map(({ snapshot }) => snapshot.externalId),
  );
  return new Map(
    decided.map((device): [string, MatchDecision] => {
      const { externalId } = device.snapshot;
      if (device.skipReason === "rejected") return [externalId, leftOutDecision];
      const isHeld = waits(device) && !approved.has(externalId);
      return [externalId, isHeld ? heldForApproval : device.decision];
    }),
  );
}
