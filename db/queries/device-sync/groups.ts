import { sql } from "drizzle-orm";

import type { GroupSnapshot } from "@domain/snapshots";

import { queryRows, type TenantDb } from "../../client";
import { queryByHash } from "../shared/by-hash";
import { listedBy } from "./seen-ids";

/**
 * Writes one page of groups; one statement. Writes nothing for an unchanged group. Leaves the mapping (state and
 * client) unchanged, because it belongs to the tenant.
 */
export async function upsertGroups(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  groups: GroupSnapshot[],
  now: Date,
): Promise<{ created: number; updated: number }> {
  const at = now.toISOString();
  const incoming = groups.map((group) => ({ ...group, saysParent: group.parentExternalId !== undefined }));
  const rows = await queryRows<{ inserted: boolean }>(
    tx,
    sql`insert into rmm_organization_mappings
          (id, tenant_id, integration_id, external_id, parent_external_id, name, path, external_device_count,
           created_at, updated_at)
        select gen_random_uuid(), ${tenantId}, ${connectionId}, r."externalId",
          case when r."saysParent" then r."parentExternalId" else known.parent_external_id end, r.name, r.name,
          r."deviceCount", ${at}, ${at}
        from jsonb_to_recordset(${JSON.stringify(incoming)}::text::jsonb)
          as r("externalId" text, "parentExternalId" text, "saysParent" boolean, name text, "deviceCount" int)
        left join rmm_organization_mappings known on known.tenant_id = ${tenantId}
          and known.integration_id = ${connectionId} and known.external_id = r."externalId"
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

export interface GroupRow {
  id: string;
  externalId: string;
  parentExternalId: string | null;
  name: string;
  path: string;
  state: "mapped" | "inherit" | "excluded";
  clientId: string | null;
  /** A site of the client. */
  siteId: string | null;
  contactId: string | null;
  /** The mapping rule that decided, and the name that the path gave its client; null if a person or nobody decided. */
  ruleId: string | null;
  ruleClient: string | null;
  /** The names that the rule gave the site and the contact. */
  rulePlace: string | null;
  goneAt: string | null;
  /** When a person last decided on it. */
  assignedMs: number | null;
}

/**
 * All groups of an account. There are a few thousand at most, and this is the only whole list that a sync holds in
 * memory.
 */
export async function listGroups(tx: TenantDb, tenantId: string, connectionId: string): Promise<GroupRow[]> {
  return queryRows<GroupRow>(
    tx,
    sql`select id, external_id as "externalId", parent_external_id as "parentExternalId", name, path, state,
          client_id as "clientId", site_id as "siteId", contact_id as "contactId", rule_id as "ruleId", rule_client as "ruleClient",
          rule_place as "rulePlace", gone_at::text as "goneAt",
          (extract(epoch from assigned_at) * 1000)::float8 as "assignedMs"
        from rmm_organization_mappings
        where tenant_id = ${tenantId} and integration_id = ${connectionId}
        order by path, external_id`,
  );
}

/** Stores derived paths that have changed; one statement. */
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

/** How many known groups a complete sweep of this run did not list, and how many there are. */
export async function countAbsentGroups(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  runId: string,
): Promise<{ absent: number; known: number }> {
  const [row] = await queryByHash<{ absent: number; known: number }>(
    tx,
    sql`with live as (
          select g.external_id from rmm_organization_mappings g
          where g.tenant_id = ${tenantId} and g.integration_id = ${connectionId} and g.gone_at is null
        )
        select (select count(*) from live)::int as known,
          (select count(*) from live g where ${absentFrom(tenantId, runId)})::int as absent`,
  );
  return row ?? { absent: 0, known: 0 };
}

/** Marks the absent groups as gone. Keeps their mapping, in case they come back. Returns how many. */
export async function markAbsentGroupsGone(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  runId: string,
  now: Date,
): Promise<number> {
  const rows = await queryByHash(
    tx,
    sql`update rmm_organization_mappings g set gone_at = ${now.toISOString()}, updated_at = ${now.toISOString()}
        where g.tenant_id = ${tenantId} and g.integration_id = ${connectionId} and g.gone_at is null
          and ${absentFrom(tenantId, runId)}
        returning g.id`,
  );
  return rows.length;
}

/**
 * Marks one group as gone, because the provider says that it has no such group. Returns whether it was listed before.
 */
export async function markGroupGone(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  externalId: string,
  now: Date,
): Promise<boolean> {
  const rows = await queryRows(
    tx,
    sql`update rmm_organization_mappings set gone_at = ${now.toISOString()}, updated_at = ${now.toISOString()}
        where tenant_id = ${tenantId} and integration_id = ${connectionId} and external_id = ${externalId}
          and gone_at is null
        returning id`,
  );
  return rows.length > 0;
}

const absentFrom = (tenantId: string, runId: string) =>
  sql`not exists ${listedBy({ tenantId, runId }, "groups", sql`g.external_id`)}`;
