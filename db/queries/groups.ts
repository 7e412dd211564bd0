import { sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../client";

export interface GroupWrite {
  externalId: string;
  parentExternalId: string | null;
  name: string;
  deviceCount: number | null;
}

/**
 * Writes one page of groups; one statement. A group that is as it was writes nothing.
 * The mapping (state, client) is ours and is not touched.
 */
export async function upsertGroups(
  tx: TenantDb,
  tenantId: string,
  integrationId: string,
  groups: GroupWrite[],
  now: Date,
): Promise<{ created: number; updated: number }> {
  const at = now.toISOString();
  const rows = await queryRows<{ inserted: boolean }>(
    tx,
    sql`insert into rmm_organization_mappings
          (id, tenant_id, integration_id, external_id, parent_external_id, name, path, external_device_count,
           created_at, updated_at)
        select gen_random_uuid(), ${tenantId}, ${integrationId}, r."externalId", r."parentExternalId", r.name, r.name,
          r."deviceCount", ${at}, ${at}
        from jsonb_to_recordset(${JSON.stringify(groups)}::text::jsonb)
          as r("externalId" text, "parentExternalId" text, name text, "deviceCount" int)
        on conflict (tenant_id, integration_id, external_id) do update set
          parent_external_id = excluded.parent_external_id, name = excluded.name,
          external_device_count = excluded.external_device_count, gone_at = null, updated_at = excluded.updated_at
        where (rmm_organization_mappings.parent_external_id, rmm_organization_mappings.name,
               rmm_organization_mappings.external_device_count)
              is distinct from (excluded.parent_external_id, excluded.name, excluded.external_device_count)
           or rmm_organization_mappings.gone_at is not null
        returning (xmax = 0) as inserted`,
  );
  const created = rows.filter((row) => row.inserted).length;
  return { created, updated: rows.length - created };
}

export interface GroupRow extends Record<string, unknown> {
  id: string;
  externalId: string;
  parentExternalId: string | null;
  name: string;
  path: string;
  state: "mapped" | "inherit" | "excluded";
  clientId: string | null;
  goneAt: string | null;
}

/** All groups of an account: thousands at most, the one list a sync holds in memory. */
export async function listGroups(tx: TenantDb, tenantId: string, integrationId: string): Promise<GroupRow[]> {
  return queryRows<GroupRow>(
    tx,
    sql`select id, external_id as "externalId", parent_external_id as "parentExternalId", name, path, state,
          client_id as "clientId", gone_at::text as "goneAt"
        from rmm_organization_mappings
        where tenant_id = ${tenantId} and integration_id = ${integrationId}
        order by path, external_id`,
  );
}

/** Stores derived paths where they changed; one statement. */
export async function updateGroupPaths(
  tx: TenantDb,
  tenantId: string,
  paths: { id: string; path: string }[],
): Promise<void> {
  if (paths.length === 0) return;
  await tx.execute(sql`
    update rmm_organization_mappings g set path = r.path
    from jsonb_to_recordset(${JSON.stringify(paths)}::text::jsonb) as r(id uuid, path text)
    where g.tenant_id = ${tenantId} and g.id = r.id`);
}

/** Groups that a complete sweep of this run did not list. */
export async function countAbsentGroups(
  tx: TenantDb,
  tenantId: string,
  integrationId: string,
  runId: string,
): Promise<{ absent: number; known: number }> {
  const [row] = await queryRows<{ absent: number; known: number }>(
    tx,
    sql`select count(*)::int as known, (count(*) filter (where ${absentFrom(runId)}))::int as absent
        from rmm_organization_mappings g
        where g.tenant_id = ${tenantId} and g.integration_id = ${integrationId} and g.gone_at is null`,
  );
  return row ?? { absent: 0, known: 0 };
}

/** Marks the absent groups as gone; their mapping stays, for the day they come back. */
export async function markAbsentGroupsGone(
  tx: TenantDb,
  tenantId: string,
  integrationId: string,
  runId: string,
  now: Date,
): Promise<number> {
  const rows = await queryRows(
    tx,
    sql`update rmm_organization_mappings g set gone_at = ${now.toISOString()}, updated_at = ${now.toISOString()}
        where g.tenant_id = ${tenantId} and g.integration_id = ${integrationId} and g.gone_at is null
          and ${absentFrom(runId)}
        returning g.id`,
  );
  return rows.length;
}

const absentFrom = (runId: string) => sql`g.external_id not in (
  select unnest(ids_seen) from rmm_sync_run_pages where run_id = ${runId} and resource = 'groups')`;
