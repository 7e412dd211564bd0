import { and, eq, inArray, ne, sql } from "drizzle-orm";

import type { WebhookAuthScheme } from "@domain/webhook-auth";

import { queryRows, type Db, type TenantDb } from "../../client";
import { rmmIntegrations, tenantSecrets, tenants } from "../../schema";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id of the tenant that a webhook's address names by slug or id; undefined if there is none. */
export async function findTenantId(db: Db, slugOrId: string): Promise<string | undefined> {
  const isId = UUID.test(slugOrId);
  const [row] = await db
    .select({ id: tenants.id })
    .from(tenants)
    .where(isId ? eq(tenants.id, slugOrId) : eq(tenants.slug, slugOrId));
  return row?.id;
}

/** A sealed secret that a sender may know. */
export interface SenderSecret {
  id: string;
  connectionId: string;
  name: string;
  keyId: string;
  sealed: string;
  expiresAt: Date | null;
}

/** The secrets with these names of all connections to a provider that are not disconnected. */
export async function listSenderSecrets(
  tx: TenantDb,
  tenantId: string,
  provider: string,
  names: string[],
): Promise<SenderSecret[]> {
  const rows = await tx
    .select({
      id: tenantSecrets.id,
      connectionId: rmmIntegrations.id,
      name: tenantSecrets.name,
      keyId: tenantSecrets.keyId,
      sealed: tenantSecrets.sealed,
      expiresAt: tenantSecrets.expiresAt,
    })
    .from(tenantSecrets)
    .innerJoin(rmmIntegrations, eq(rmmIntegrations.id, tenantSecrets.connectionId))
    .where(
      and(
        eq(tenantSecrets.tenantId, tenantId),
        eq(rmmIntegrations.tenantId, tenantId),
        eq(rmmIntegrations.provider, provider),
        ne(rmmIntegrations.status, "disconnected"),
        inArray(tenantSecrets.name, names),
      ),
    );
  return rows;
}

export interface Rejection {
  scheme: WebhookAuthScheme | "none";
  reason: string;
}

/** Counts a rejected delivery. One statement, and one row for each hour, scheme and reason. */
export async function countRejection(
  tx: TenantDb,
  tenantId: string,
  { scheme, reason }: Rejection,
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  await tx.execute(sql`
    insert into rmm_webhook_rejections as r (tenant_id, hour, way, reason, count, first_at, last_at)
    values (${tenantId}, date_trunc('hour', ${at}::timestamptz, 'UTC'), ${scheme}, ${reason}, 1, ${at}, ${at})
    on conflict (tenant_id, hour, way, reason) do update set
      count = r.count + 1, last_at = greatest(r.last_at, excluded.last_at)`);
}

/** The rejections since an instant, added up by scheme and reason; latest first. */
export async function listRejections(tx: TenantDb, tenantId: string, since: Date) {
  return queryRows<{
    scheme: Rejection["scheme"];
    reason: string;
    count: number;
    firstMs: number;
    lastMs: number;
  }>(
    tx,
    sql`select way as scheme, reason, sum(count)::int as count,
          (extract(epoch from min(first_at)) * 1000)::float8 as "firstMs",
          (extract(epoch from max(last_at)) * 1000)::float8 as "lastMs"
        from rmm_webhook_rejections
        where tenant_id = ${tenantId} and last_at >= ${since.toISOString()}
        group by way, reason order by max(last_at) desc, way, reason`,
  );
}
