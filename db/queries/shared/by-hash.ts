import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";

/**
 * Like `queryRows`, with hash joins, for a statement over a whole account. Right after a first sync, or for a tenant
 * newer than the last `ANALYZE`, the planner expects hardly any row and takes nested loops, whose cost grows with the
 * square: 6 s to count the patches of 2,500 devices, 25 s for 6,000 moves.
 */
export async function queryByHash<Row extends object = Record<string, unknown>>(
  tx: TenantDb,
  statement: SQL,
): Promise<Row[]> {
  const setNestedLoops = (value: "on" | "off") =>
    tx.execute(sql`select set_config('enable_nestloop', ${value}, true)`);
  await setNestedLoops("off");
  const rows = await queryRows<Row>(tx, statement);
  await setNestedLoops("on");
  return rows;
}
