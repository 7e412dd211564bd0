import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";

/**
 * As `queryRows`, with joins done by hash, for a statement over a whole account. Right after a first sync, or of a tenant
 * that came after the last `ANALYZE`, the planner expects hardly a row and took nested loops, which grow with the square:
 * 6 s to count the patches of 2,500 devices, 25 s for 6,000 moves.
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
