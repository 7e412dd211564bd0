import type { TenantDb } from "@db/client";
import { namesOfParts } from "@db/queries/clients/client-parts";
import {
  listCurrentFields,
  upsertPlanned,
  type CurrentFields,
  type PlannedWrite,
} from "@db/queries/device-sync/planned";
import type { FieldChange } from "@db/schema";
import { clientPartKinds, type ClientPartKind } from "@domain/client-parts";
import { listFieldChanges, type StoredFields } from "@domain/field-changes";
import type { MatchDecision } from "@domain/match-decision";
import type { PageScope } from "~/features/sync-engine/resource";

import { isNew, deviceName, type PlannedDevice } from "./device-plans";
import type { PageDecisions } from "./page-decisions";

/** Whether a run stores a plan: a dry run, and the run that applies one, to be compared with it. */
export const keepsAPlan = ({ run }: Pick<PageScope, "run">): boolean =>
  run.type === "dry_run" || run.appliesRunId !== null;

/**
 * Stores the planned changes of a page as a person reads them, before they are applied. Two statements, and two more if
 * sites or contacts change.
 */
export async function recordPlan(
  tx: TenantDb,
  scope: PageScope,
  planned: PlannedDevice[],
  decisions: ReadonlyMap<string, MatchDecision>,
  groups: Pick<PageDecisions, "placeOf" | "newParts">,
): Promise<void> {
  const assetIdOf = (device: PlannedDevice): string | null => {
    const decision = isNew(device) ? decisions.get(device.snapshot.externalId) : undefined;
    return (decision?.action === "link" ? decision.assetId : device.before?.assetId) ?? null;
  };
  const assetIds = planned.map(assetIdOf).filter((id) => id !== null);
  const stored = new Map<string, CurrentFields>();
  for (const row of await listCurrentFields(tx, scope.tenantId, assetIds)) stored.set(row.assetId, row);
  const rows = planned.map((device): PlannedWrite => {
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
          return { ...base, action: "create", toClientId };
        case "defer":
          return { ...base, action: "skip", reason: "waiting" };
        case "review":
          return { ...base, action: "skip", reason: decision.reason };
        case "link": {
          const { assetId, link } = decision;
          const reason = `the same ${link.by} as an asset that is there: ${"key" in link ? link.key : ""}`;
          return { ...base, action: "return", assetId, toClientId, changes: changesOf(assetId), reason };
        }
      }
    }
    if (plan.action === "skip") return { ...base, action: "skip", toClientId: null, reason: plan.reason };

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
    if (wasAway && plan.action === "update") return { ...base, action: "return", toClientId, changes };
    if (toClientId !== base.fromClientId) return { ...base, action: "move", toClientId, changes };
    return { ...base, action: "change", toClientId, changes };
  });
  const placed = rows.flatMap((row, at) =>
    row.action === "skip"
      ? []
      : placeChangesOf(planned[at]!, row.toClientId, stored.get(assetIdOf(planned[at]!) ?? ""), groups).map(
          (change) => ({ row, change }),
        ),
  );
  for (const kind of clientPartKinds) {
    const changes = placed.filter(({ change }) => change.kind === kind);
    const ids = changes.flatMap(({ change: { from, to } }) => [from, to]);
    const names = await namesOfParts(tx, scope.tenantId, kind, ids);
    const nameOf = (id: string | null) => names.get(id ?? "") ?? groups.newParts.get(id ?? "") ?? null;
    for (const { row, change } of changes)
      row.changes.push({ field: kind, from: nameOf(change.from), to: nameOf(change.to) });
  }
  const isNews = ({ action, changes }: PlannedWrite) => action !== "change" || changes.length > 0;
  await upsertPlanned(tx, { tenantId: scope.tenantId, runId: scope.run.id }, rows.filter(isNews));
}

interface PlaceChange {
  kind: ClientPartKind;
  from: string | null;
  to: string | null;
}

/** The site and contact that the group gives the device's asset. `placeAssets` makes the same decision. */
function placeChangesOf(
  { snapshot, deviceRowId }: PlannedDevice,
  clientId: string | null,
  stored: CurrentFields | undefined,
  { placeOf }: Pick<PageDecisions, "placeOf">,
): PlaceChange[] {
  const target = placeOf(snapshot.externalGroupId);
  const first = stored?.firstDeviceRowId ?? deviceRowId;
  if (target === undefined || target.clientId !== clientId || first < deviceRowId) return [];
  return clientPartKinds.flatMap((kind): PlaceChange[] => {
    const [from, to] = [stored?.[`${kind}Id`] ?? null, target[`${kind}Id`]];
    const isKept =
      stored !== undefined &&
      (stored.overriddenFields.includes(kind) || (kind in stored.undone && stored.undone[kind] === to));
    return isKept || from === to ? [] : [{ kind, from, to }];
  });
}
