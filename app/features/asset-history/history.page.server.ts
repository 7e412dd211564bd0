import { withTenant, type Db, type TenantDb } from "@db/client";
import {
  countRunChanges,
  listAssetChanges,
  type AssetChange,
  type AssetChangeFilter,
} from "@db/queries/assets/asset-changes";
import { getAsset } from "@db/queries/assets/assets";
import { namesOfOwners } from "@db/queries/clients/client-parts";
import { changeGroups, isChangeGroup, ownerFields, type ChangeGroup } from "@domain/asset-history";

import { changeText } from "./change-labels";

const HISTORY_PAGE_SIZE = 100;

export interface ShownChange extends Pick<
  AssetChange,
  "id" | "assetId" | "asset" | "field" | "runId" | "runType" | "actor" | "changedAt"
> {
  /** The value as text for people; null for none. */
  before: string | null;
  after: string | null;
}

/**
 * The parameters in a history's address: `field` is a group of fields, `before` the change after which the list
 * continues.
 */
export function historySearch(params: URLSearchParams): {
  group: ChangeGroup | null;
  before: number | undefined;
} {
  const group = params.get("field");
  const before = Number(params.get("before") ?? "");
  return {
    group: isChangeGroup(group) ? group : null,
    before: Number.isSafeInteger(before) && before > 0 ? before : undefined,
  };
}

/** A page of the changes of an asset or of a run, newest first, and the place of the next page. Two statements. */
export async function readChanges(
  db: Db,
  tenantId: string,
  of: Pick<AssetChangeFilter, "assetId" | "runId">,
  { group, before }: ReturnType<typeof historySearch>,
  limit = HISTORY_PAGE_SIZE,
): Promise<{ changes: ShownChange[]; next: number | null }> {
  return withTenant(db, tenantId, async (tx) => {
    const filter = { ...of, fields: group === null ? undefined : changeGroups[group] };
    const rows = await listAssetChanges(tx, tenantId, filter, { before, limit: limit + 1 });
    const changes = await asShown(tx, tenantId, rows.slice(0, limit));
    return { changes, next: rows.length > limit ? changes.at(-1)!.id : null };
  });
}

/** The number of changes of assets that a run made. */
export const readRunChangeCount = (db: Db, tenantId: string, runId: string) =>
  withTenant(db, tenantId, (tx) => countRunChanges(tx, tenantId, runId));

/** The asset's name; null if there is no such asset. */
export const readAssetName = async (db: Db, tenantId: string, assetId: string): Promise<string | null> =>
  (await withTenant(db, tenantId, (tx) => getAsset(tx, tenantId, assetId)))?.name ?? null;

async function asShown(tx: TenantDb, tenantId: string, rows: AssetChange[]): Promise<ShownChange[]> {
  const ids = rows
    .filter(({ field }) => ownerFields.includes(field))
    .flatMap(({ before, after }) => [before, after])
    .filter((id): id is string => typeof id === "string");
  const owners = await namesOfOwners(tx, tenantId, ids);
  return rows.map((row) => ({
    ...row,
    before: changeText(row.field, row.before, owners),
    after: changeText(row.field, row.after, owners),
  }));
}
