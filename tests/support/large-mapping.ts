import { createHash } from "node:crypto";

import { sql } from "drizzle-orm";

import type { Db } from "@db/client";

import { createIntegration } from "./factories";

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** Name of the client of the n-th group: every other one equals the group's name, the rest only resemble it. */
export const clientAlike = (n: number): string =>
  `Customer number ${md5(String(n))}${(n / 10) % 2 === 0 ? "" : " Inc"}`;

/**
 * A connection with `groups` groups, a tenth of them at the top with nine below each, and as many clients, a tenth of
 * them named like a group; the first half of the groups is mapped. Each group has fifteen devices: half have an asset;
 * of the other half one in ten matches an asset whose device is gone. The audit log has 100,000 entries. Returns the
 * address of the mapping page.
 */
export async function createLargeMapping(db: Db, tenantId: string, groups: number): Promise<string> {
  const { id } = await createIntegration(db, { tenantId });
  const devices = groups * 15;
  const mapped = groups / 2;
  await db.execute(sql`
    insert into clients (id, tenant_id, name)
    select md5('c' || n)::uuid, ${tenantId},
      'Customer number ' || md5((n * 10)::text) || case when n % 2 = 0 then '' else ' Inc' end
    from generate_series(0, ${groups - 1}) n`);
  await db.execute(sql`
    insert into rmm_organization_mappings (id, tenant_id, integration_id, external_id, parent_external_id, name, path,
      state, client_id)
    select gen_random_uuid(), ${tenantId}, ${id}, 'g' || n, case when n % 10 = 0 then null else 'g' || (n - n % 10) end,
      name, name, case when is_mapped then 'mapped' else 'inherit' end, case when is_mapped then md5('c' || n / 10)::uuid end
    from (select n, (case when n % 10 = 0 then 'Customer number ' else 'Site of customer ' end) || md5(n::text) as name,
            n % 10 = 0 and n < ${mapped} as is_mapped
          from generate_series(0, ${groups - 1}) n) g`);
  await db.execute(sql`
    insert into assets (id, tenant_id, client_id, asset_type, name, serial_key, mac_keys, hostname_key)
    select md5('a' || n)::uuid, ${tenantId}, md5('c' || (n % ${groups}) / 10)::uuid, 'workstation', 'PC ' || n,
      'SERIAL' || n, array[lpad(to_hex(n * 4), 12, '0')], 'pc-' || n
    from generate_series(1, ${devices}) n where n % ${groups} < ${mapped} or n % 10 = 0`);
  await db.execute(sql`
    insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id, asset_id,
      external_group_id, display_name, identity, skip_reason, content_hash, observed_at)
    select gen_random_uuid(), ${tenantId}, ${id}, 'levelio', 'd' || n, case when has_asset then md5('a' || n)::uuid end,
      'g' || (n % ${groups}), 'PC ' || n,
      case when not has_asset then jsonb_build_object('serialKey', 'SERIAL' || n,
        'macKeys', jsonb_build_array(lpad(to_hex(n * 4), 12, '0')), 'hostnameKey', 'pc-' || n) end,
      case when not has_asset then 'unmapped' end, '', now()
    from (select n, n % ${groups} < ${mapped} as has_asset from generate_series(1, ${devices}) n) d`);
  await db.execute(sql`
    insert into audit_log (id, tenant_id, actor, action, target_type, target_id, details)
    select gen_random_uuid(), ${tenantId}, 'schedule', 'asset.moved', 'asset', md5('a' || n), '{"name": "PC"}'
    from generate_series(1, 100000) n`);
  await db.execute(sql`analyze`);
  return `/settings/integrations/levelio/${id}/mapping`;
}
