import { sql } from "drizzle-orm";

import type { MappingRule } from "@domain/mapping-rules";
import type { ConnectionRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";

/** The rules of a connection in their order, with the present names of their clients. */
export const listMappingRules = (
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
): Promise<MappingRule[]> =>
  queryRows<MappingRule>(
    tx,
    sql`select r.id, r.pattern, r.state, r.client_id as "clientId", coalesce(c.name, r.client_template) as client,
          r.site, r.contact, c.archived_at is not null as "isClientArchived"
        from mapping_rules r left join clients c on c.tenant_id = r.tenant_id and c.id = r.client_id
        where r.tenant_id = ${tenantId} and r.integration_id = ${connectionId}
        order by r.position, r.id`,
  );

/** Replaces a connection's rules by these, in this order; two statements. */
export async function replaceMappingRules(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  rules: readonly MappingRule[],
): Promise<void> {
  await tx.execute(sql`
    delete from mapping_rules where tenant_id = ${tenantId} and integration_id = ${connectionId}
      and not (id = any(${uuidArray(rules.map(({ id }) => id))}))`);
  if (rules.length === 0) return;
  const rows = rules.map(({ id, pattern, state, clientId, client, site, contact }, position) => ({
    id,
    position,
    pattern,
    state,
    clientId,
    template: clientId === null ? client : null,
    site,
    contact,
  }));
  await tx.execute(sql`
    insert into mapping_rules (id, tenant_id, integration_id, position, pattern, state, client_id, client_template,
      site, contact)
    select r.id, ${tenantId}, ${connectionId}, r.position, r.pattern, r.state, r."clientId", r.template,
      r.site, r.contact
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, position int, pattern text, state text,
      "clientId" uuid, template text, site text, contact text)
    on conflict (id) do update set position = excluded.position, pattern = excluded.pattern, state = excluded.state,
      client_id = excluded.client_id, client_template = excluded.client_template,
      site = excluded.site, contact = excluded.contact`);
}
