import { and, eq, sql, type SQL } from "drizzle-orm";

import { queryPrepared, type Db } from "../../client";
import { tenantFeatureFlags, tenants } from "../../schema";

/** The overrides of a tenant, as a column of a select over `tenants`. */
export const overridesOfTenant: SQL<Record<string, boolean>> = sql`(
  select coalesce(jsonb_object_agg(f.flag, f.is_on), '{}') from tenant_feature_flags f
  where f.tenant_id = ${tenants.id})`;

/** The flags in which the tenant differs from the environment. */
export async function readFlagOverrides(db: Db, tenantId: string): Promise<Record<string, boolean>> {
  const rows = await queryPrepared<{ flag: string; isOn: boolean }>(
    db,
    sql`select flag, is_on as "isOn" from tenant_feature_flags where tenant_id = ${tenantId}`,
  );
  return Object.fromEntries(rows.map(({ flag, isOn }) => [flag, isOn]));
}

/** Sets a flag of a tenant; `isOn` null removes the override. The tenant role has no right to do this. */
export async function writeFlagOverride(
  db: Db,
  tenantId: string,
  { flag, isOn }: { flag: string; isOn: boolean | null },
  now: Date,
): Promise<void> {
  if (isOn === null) {
    await db
      .delete(tenantFeatureFlags)
      .where(and(eq(tenantFeatureFlags.tenantId, tenantId), eq(tenantFeatureFlags.flag, flag)));
    return;
  }
  await db
    .insert(tenantFeatureFlags)
    .values({ tenantId, flag, isOn, updatedAt: now })
    .onConflictDoUpdate({
      target: [tenantFeatureFlags.tenantId, tenantFeatureFlags.flag],
      set: { isOn, updatedAt: now },
    });
}
