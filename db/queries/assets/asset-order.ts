import { sql, type SQL } from "drizzle-orm";

import { byClient } from "../shared/by-name";
import type { SortKey } from "../shared/keyset";

/** How lists of assets are sorted: by a column of `asset_list l`, then by name. */

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
  // By the time of their making, the oldest first: no change of a row moves it.
  "added",
] as const;
type AssetSort = (typeof assetSorts)[number];

export interface AssetOrder {
  sort: AssetSort;
  /** The other way round than people read the column first. */
  isReversed: boolean;
}

/** The clients' names as they are sorted: worked out once for each client, and not for each asset. */
export const clientKeys = (tenantId: string): SQL => sql`client_keys as materialized (
  select id, ${byClient(sql`name_key`)} as key from clients where tenant_id = ${tenantId})`;

/** The join that the sort by client needs in addition to the list. */
export const joinClientKeys = ({ sort }: AssetOrder): SQL =>
  sort === "client" ? sql`left join client_keys ck on ck.id = l.client_id` : sql``;

const text = (expression: SQL, isNullable = true) => ({ expression, kind: "text" as const, isNullable });

/** The column of a sort, and whether large, late or urgent comes first. */
const columns: Record<
  Exclude<AssetSort, "name" | "added">,
  Omit<SortKey, "isDescending"> & { descends?: true }
> = {
  client: text(sql`ck.key`),
  // Gone and retired ones last, and between them what is online first.
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
  // The worst first.
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

/** Names the list in an order, for its cursors. */
export const cursorScope = ({ sort, isReversed }: AssetOrder): string =>
  `assets:${sort}${isReversed ? ":reverse" : ""}`;
