import { sql, type SQL } from "drizzle-orm";

import { byClient } from "../shared/by-name";
import type { SortKey } from "../shared/keyset";

/** The columns of `asset_list l` by which lists of assets can be sorted; rows with the same value follow by name. */

export const assetSorts = [
  "name",
  "client",
  "state",
  "system",
  "address",
  "patches",
  "seen",
  "type",
  "serial",
  "model",
  "user",
  "disk",
  "score",
  // By the time of creation, oldest first. No later change moves a row, so a walk in this order skips none.
  "added",
] as const;
type AssetSort = (typeof assetSorts)[number];

export interface AssetOrder {
  sort: AssetSort;
  /** Whether the order is the reverse of the column's usual one. */
  isReversed: boolean;
}

/** The clients' sort keys, computed once for each client instead of once for each asset. */
export const clientKeys = (tenantId: string): SQL => sql`client_keys as materialized (
  select id, ${byClient(sql`name_key`)} as key from clients where tenant_id = ${tenantId})`;

/** The join that the list needs if it is sorted by client. */
export const joinClientKeys = ({ sort }: AssetOrder): SQL =>
  sort === "client" ? sql`left join client_keys ck on ck.id = l.client_id` : sql``;

const text = (expression: SQL, isNullable = true) => ({ expression, kind: "text" as const, isNullable });

/** The column of each order. `descends` marks those in which large, late or urgent values come first. */
const columns: Record<
  Exclude<AssetSort, "name" | "added">,
  Omit<SortKey, "isDescending"> & { descends?: true }
> = {
  client: text(sql`ck.key`),
  // Gone and retired assets come last; among the others, those online come first.
  state: text(
    sql`(l.status || case when l.agent_status = 'online' then '0' when l.agent_status is null then '2' else '1' end) collate "C"`,
    false,
  ),
  system: text(sql`l.system_key collate "C"`),
  address: text(sql`l.address_key collate "C"`),
  patches: { expression: sql`l.pending_patches`, kind: "int", isNullable: true, descends: true },
  seen: { expression: sql`l.last_seen_at`, kind: "instant", isNullable: true, descends: true },
  type: text(sql`l.asset_type collate "C"`, false),
  serial: text(sql`l.serial_key collate "C"`),
  model: text(sql`l.model_key collate "C"`),
  user: text(sql`l.user_key collate "C"`),
  disk: { expression: sql`l.disk_percent`, kind: "int", isNullable: true, descends: true },
  // The worst score first.
  score: { expression: sql`l.security_score`, kind: "int", isNullable: true },
};

/** The sort keys of an order. */
export function assetKeys({ sort, isReversed }: AssetOrder): SortKey[] {
  const isDescending = sort === "name" && isReversed;
  const byName: SortKey[] = [
    { ...text(sql`l.name_key collate "C"`, false), isDescending },
    { expression: sql`l.asset_id`, kind: "id", isNullable: false, isDescending },
  ];
  if (sort === "name") return byName;
  if (sort === "added") {
    return [{ expression: sql`l.asset_id`, kind: "id", isNullable: false, isDescending: isReversed }];
  }
  const { descends = false, ...column } = columns[sort];
  return [{ ...column, isDescending: descends !== isReversed }, ...byName];
}

/** The name of an order of the list, which its cursors contain. */
export const cursorScope = ({ sort, isReversed }: AssetOrder): string =>
  `assets:${sort}${isReversed ? ":reverse" : ""}`;
