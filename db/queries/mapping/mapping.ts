import { and, eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";

import { queryRows, type TenantDb } from "../../client";
import { rmmIntegrations } from "../../schema";
import type { GroupRow } from "../device-sync/groups";

export interface MappingChange {
  /** The group's id at the provider. */
  externalId: string;
  state: GroupRow["state"];
  /** Set if and only if the state is `mapped`. */
  clientId: string | null;
  /** A site of that client. */
  siteId: string | null;
  contactId: string | null;
  /** The rule that decided, if no person did. */
  ruleId: string | null;
  ruleClient: string | null;
  rulePlace: string | null;
}

/**
 * Locks the connection for a change to its mapping. Returns the mapping's version; undefined if there is no such
 * connection.
 */
export async function lockMapping(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
): Promise<number | undefined> {
  const [row] = await tx
    .select({ version: rmmIntegrations.mappingVersion })
    .from(rmmIntegrations)
    .where(and(eq(rmmIntegrations.tenantId, tenantId), eq(rmmIntegrations.id, connectionId)))
    .for("no key update");
  return row?.version;
}

/**
 * Writes changes to the mapping and raises its version; two statements. Returns how many groups changed.
 * @param isWanted whether a person asked for it: then the moves that follow are not held, however many there are.
 * Otherwise groups that a person decided on meanwhile stay unchanged
 */
export async function updateMapping(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  changes: MappingChange[],
  now: Date,
  isWanted = true,
): Promise<number> {
  const rows = await queryRows(
    tx,
    sql`update rmm_organization_mappings g set state = r.state, client_id = r."clientId",
          site_id = r."siteId", contact_id = r."contactId", rule_id = r."ruleId", rule_client = r."ruleClient",
          rule_place = r."rulePlace", assigned_at = case when ${isWanted} then ${now.toISOString()} else g.assigned_at end,
          updated_at = ${now.toISOString()}
        from jsonb_to_recordset(${JSON.stringify(changes)}::text::jsonb)
          as r("externalId" text, state text, "clientId" uuid, "siteId" uuid, "contactId" uuid,
            "ruleId" uuid, "ruleClient" text, "rulePlace" text)
        where g.tenant_id = ${tenantId} and g.integration_id = ${connectionId} and g.external_id = r."externalId"
          and (g.state, g.client_id, g.site_id, g.contact_id, g.rule_id, g.rule_client, g.rule_place)
            is distinct from (r.state, r."clientId", r."siteId", r."contactId", r."ruleId", r."ruleClient",
              r."rulePlace")
          and (${isWanted} or g.state = 'inherit' or g.rule_id is not null)
        returning g.id`,
  );
  await tx
    .update(rmmIntegrations)
    .set({ mappingVersion: sql`${rmmIntegrations.mappingVersion} + 1` })
    .where(and(eq(rmmIntegrations.tenantId, tenantId), eq(rmmIntegrations.id, connectionId)));
  return rows.length;
}

/** A client found by name. Only the database compares names: it ignores case and Unicode form. */
export interface NamedClient {
  /** The name as the caller gave it. */
  name: string;
  /** Equal for two names of the same client. */
  key: string;
  /** Null if there is no active client of this name. */
  clientId: string | null;
}

/** The active clients with these names; one statement. */
export async function findClientsByName(
  tx: TenantDb,
  tenantId: string,
  names: string[],
): Promise<NamedClient[]> {
  return queryRows<NamedClient>(
    tx,
    sql`select r.name, fold_text(r.name) as key, c.id as "clientId"
        from jsonb_to_recordset(${JSON.stringify(names.map((name) => ({ name })))}::text::jsonb) as r(name text)
        left join clients c on c.tenant_id = ${tenantId} and c.archived_at is null and fold_text(c.name) = fold_text(r.name)`,
  );
}

/** The active clients with these names. Creates those that are missing; two statements. */
export async function findOrCreateClients(
  tx: TenantDb,
  tenantId: string,
  names: string[],
): Promise<{ byName: Map<string, string>; created: string[] }> {
  const wanted = JSON.stringify(names.map((name) => ({ id: uuidv7(), name })));
  const created = await queryRows<{ name: string }>(
    tx,
    sql`insert into clients (id, tenant_id, name)
        select distinct on (fold_text(r.name)) r.id, ${tenantId}, r.name
        from jsonb_to_recordset(${wanted}::text::jsonb) as r(id uuid, name text)
        on conflict (tenant_id, fold_text(name)) where archived_at is null do nothing
        returning name`,
  );
  const found = await findClientsByName(tx, tenantId, names);
  return {
    byName: new Map(found.map(({ name, clientId }) => [name, clientId!])),
    created: created.map((row) => row.name),
  };
}

/** The number of devices that are not gone, by group: one row for each group. */
export async function countDevicesByGroup(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
): Promise<{ externalGroupId: string | null; devices: number }[]> {
  return queryRows(
    tx,
    sql`select external_group_id as "externalGroupId", count(*)::int as devices
        from tenant_external_entity_mappings
        where tenant_id = ${tenantId} and integration_id = ${connectionId} and external_type = 'device'
          and gone_at is null
        group by 1`,
  );
}

/** Whether all of these are active clients of the tenant. */
export async function allClientsExist(tx: TenantDb, tenantId: string, clientIds: string[]): Promise<boolean> {
  const ids = [...new Set(clientIds)];
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(*)::int as n from clients where tenant_id = ${tenantId} and archived_at is null
          and id::text in (select jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))`,
  );
  return row?.n === ids.length;
}
