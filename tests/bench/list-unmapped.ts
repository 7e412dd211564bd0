import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";
import {
  readUnassignedDevices,
  unassignedSearch,
} from "~/features/connections/unassigned-devices.page.server";
import { coverageSearch, readCoverage } from "~/features/coverage/coverage.page.server";

import { createIntegration, createTenant } from "../support/factories";
import type { ListCase } from "./list-cases";

const LABEL = "Not mapped yet";

/** Adds a company whose only account has been read and not mapped: none of its devices has a client. */
export async function seedUnmapped(db: Db, devices: number): Promise<void> {
  const { id: tenantId } = await createTenant(db, { name: LABEL });
  const { id: connectionId } = await createIntegration(db, { tenantId, label: LABEL });
  await db.execute(sql`
    insert into rmm_organization_mappings (id, tenant_id, integration_id, external_id, name, path)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, 'group-' || n, 'Site ' || n, 'Site ' || n
    from generate_series(1, 800) n`);
  await db.execute(sql`
    insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id,
      external_group_id, display_name, skip_reason, content_hash, observed_at)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, 'levelio', 'device-' || n, 'group-' || (1 + n % 800),
      (array['DESKTOP', 'LAPTOP', 'SRV', 'KIOSK'])[1 + n % 4] || '-' || md5(n::text)::varchar(7),
      case when n % 10 = 0 then 'ungrouped' else 'unmapped' end, md5(n::text), now()
    from generate_series(1, ${devices}::int) n`);
}

/** The lists of devices without a client, and without an asset, of that company. */
export async function unmappedCases(db: Db): Promise<ListCase[]> {
  const [found] = await queryRows<{ tenantId: string; connectionId: string }>(
    db,
    sql`select tenant_id as "tenantId", id as "connectionId" from rmm_integrations where label = ${LABEL}`,
  );
  if (found === undefined) return [];
  const { tenantId, connectionId } = found;
  return [
    ...["", "state=ungrouped", "q=desktop", "q=nothing like it"].map((address) => {
      const params = new URLSearchParams(address);
      const { filter } = unassignedSearch(params);
      const read = (on: Db) => readUnassignedDevices(on, tenantId, connectionId, filter, params);
      return { list: "devices without a client", address, tenantId, read };
    }),
    ...["", "q=desktop", "q=nothing like it"].map((address) => {
      const search = coverageSearch(new URLSearchParams(`kind=devices&${address}`));
      const read = (on: Db) => readCoverage(on, tenantId, search);
      return { list: "devices without an asset", address, tenantId, read };
    }),
  ];
}
