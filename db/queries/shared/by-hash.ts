import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";

/**
 * Makes the statements of `work` join by hash, for statements over a whole account. The planner expects hardly any rows
 * right after a first sync, for a tenant newer than the last `ANALYZE`, and always if many tenants share a table,
 * because it multiplies the share of the tenant by that of its connection. It then chooses nested loops, whose cost
 * grows with the square of the number: 6 s to count the patches of 2,500 devices, 25 s for 6,000 moves, 2 s at the end
 * of each sync of 500 devices among 1,000 tenants.
 *
 * A trigger that such a statement calls for the first time plans its own statements in the same way, and keeps the
 * plan.
 */
export async function byHash<T>(tx: TenantDb, work: () => PromiseLike<T>): Promise<T> {
  const setNestedLoops = (value: "on" | "off") =>
    tx.execute(sql`select set_config('enable_nestloop', ${value}, true)`);
  await setNestedLoops("off");
  const result = await work();
  await setNestedLoops("on");
  return result;
}

/** Like `queryRows`, but joins by hash; see `byHash`. */
export const queryByHash = <Row extends object = Record<string, unknown>>(
  tx: TenantDb,
  statement: SQL,
): Promise<Row[]> => byHash(tx, () => queryRows<Row>(tx, statement));
