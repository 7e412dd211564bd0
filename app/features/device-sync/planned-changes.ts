import type { TenantDb } from "@db/client";
import {
  listCurrentFields,
  upsertPlanned,
  type CurrentFields,
  type PlannedWrite,
} from "@db/queries/device-sync/planned";
import type { FieldChange } from "@db/schema";
import { listFieldChanges, type StoredFields } from "@domain/field-changes";
import type { MatchDecision } from "@domain/match-decision";
import type { PageScope } from "~/features/sync-engine/resource";

import { isNew, deviceName, type PlannedDevice } from "./device-plans";

/** Whether a run stores a plan: a dry run, and the run that applies one, to be compared with it. */
export const keepsAPlan = ({ run }: Pick<PageScope, "run">): boolean =>
  run.type === "dry_run" || run.appliesRunId !== null;

/** Stores the planned changes of a page as a person reads them, before they are applied. Two statements. */
export async function recordPlan(
  tx: TenantDb,
  scope: PageScope,
  planned: PlannedDevice[],
  decisions: ReadonlyMap<string, MatchDecision>,
): Promise<void> {
  const assetIds = planned.flatMap((device) => {
    const decision = isNew(device) ? decisions.get(device.snapshot.externalId) : undefined;
    const assetId = decision?.action === "link" ? decision.assetId : device.before?.assetId;
    return assetId == null ? [] : [assetId];
  });
  const stored = new Map<string, CurrentFields>();
  for (const row of await listCurrentFields(tx, scope.tenantId, assetIds)) stored.set(row.assetId, row);
  const rows = planned.flatMap((device): PlannedWrite[] => {
    const { externalId } = device.snapshot;
    const { before, plan } = device;
    const base = {
      externalId,
      name: deviceName(device),
      assetId: before?.assetId ?? null,
      fromClientId: before?.clientId ?? null,
      toClientId: before?.clientId ?? null,
      changes: [] as FieldChange[],
      reason: null,
      contentHash: device.contentHash,
    };
    const changesOf = (assetId: string) => {
      const current = stored.get(assetId) as StoredFields | undefined;
      return current === undefined ? [] : listFieldChanges(current, device.snapshot);
    };
    if (isNew(device)) {
      const decision = decisions.get(externalId)!;
      const { clientId: toClientId } = device.plan;
      switch (decision.action) {
        case "create":
          return [{ ...base, action: "create", toClientId }];
        case "defer":
          return [{ ...base, action: "skip", reason: "waiting" }];
        case "review":
          return [{ ...base, action: "skip", reason: decision.reason }];
        case "link": {
          const { assetId, link } = decision;
          const reason = `the same ${link.by} as an asset that is there: ${"key" in link ? link.key : ""}`;
          return [{ ...base, action: "return", assetId, toClientId, changes: changesOf(assetId), reason }];
        }
      }
    }
    if (plan.action === "skip") return [{ ...base, action: "skip", toClientId: null, reason: plan.reason }];

    const changes: FieldChange[] = plan.action === "update" ? changesOf(device.assetId) : [];
    const stagedName = plan.staged.find((change) => change.kind === "rename");
    if (stagedName !== undefined) {
      const rename = changes.find((change) => change.field === "name");
      if (rename !== undefined) rename.staged = "rename";
      else
        changes.unshift({
          field: "name",
          from: stagedName.fromValue,
          to: stagedName.toValue,
          staged: "rename",
        });
    }
    const stagedMove = plan.staged.find((change) => change.kind === "move");
    if (stagedMove !== undefined)
      changes.push({ field: "client", from: stagedMove.fromValue, to: stagedMove.toValue, staged: "move" });
    const toClientId =
      stagedMove === undefined
        ? plan.action === "update" && before?.overriddenFields?.includes("client") !== true
          ? plan.clientId
          : base.toClientId
        : stagedMove.toValue;
    const wasAway = before !== undefined && (before.isGone || before.skipReason !== null);
    if (wasAway && plan.action === "update") return [{ ...base, action: "return", toClientId, changes }];
    if (toClientId !== base.fromClientId) return [{ ...base, action: "move", toClientId, changes }];
    return changes.length === 0 ? [] : [{ ...base, action: "change", toClientId, changes }];
  });
  await upsertPlanned(tx, { tenantId: scope.tenantId, runId: scope.run.id }, rows);
}
