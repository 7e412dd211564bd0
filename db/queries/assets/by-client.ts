import { sql, type SQL } from "drizzle-orm";

import { isBeyond, keyOrder, type KeyValues, type SortKey } from "../shared/keyset";

interface Walk {
  /**
   * The sort keys of the list by client: first the client's key as `ck.key`, then keys of `asset_list l` within a
   * client.
   */
  keys: readonly SortKey[];
  /** The condition for rows of `asset_list l`. */
  condition: SQL;
  place: { values: KeyValues; isBefore: boolean } | undefined;
  isFromEnd: boolean;
  limit: number;
  offset: number;
}

/**
 * The ids of part of the list sorted by client, in its order. Goes through `client_keys` one by one and reads each
 * client's rows by index until it has enough; sorting all rows takes 25 times as long. Use it only if nearly every
 * client has rows that match, because it would otherwise visit all clients.
 */
export function walkClients({ keys, condition, place, isFromEnd, limit, offset }: Walk): SQL {
  const [byClient, ...withinClient] = keys;
  const placed = place === undefined ? sql`` : sql`and ${isBeyond(keys, place.values, place.isBefore)}`;
  const rows = sql`order by ${keyOrder(withinClient, isFromEnd)} limit ${limit + offset}::int`;
  const order = keyOrder(keys, isFromEnd);
  return sql`
    select l.asset_id from (
      (select ck.key, l.name_key, l.asset_id
       from (select id, key from client_keys ck where ${reaches(byClient!, place)}
             order by ${keyOrder([byClient!], isFromEnd)}) ck
       cross join lateral (
         select l.name_key, l.asset_id from asset_list l
         where ${condition} and l.client_id = ck.id ${placed} ${rows}) l
       order by ${order} limit ${limit + offset}::int)
      union all
      (select ck.key, l.name_key, l.asset_id
       from asset_list l cross join (select null::text collate "C" as key) ck
       where ${condition} and l.client_id is null ${placed} ${rows})
    ) l cross join lateral (select l.key) ck
    order by ${order} limit ${limit}::int offset ${offset}::int`;
}

/** Whether a client can have rows after the position, or before it. */
function reaches({ isDescending }: SortKey, place: Walk["place"]): SQL {
  if (place === undefined) return sql`true`;
  const [key = null] = place.values;
  if (key === null) return place.isBefore ? sql`true` : sql`false`;
  return isDescending === place.isBefore ? sql`ck.key >= ${key}` : sql`ck.key <= ${key}`;
}
