import { sql, type SQL } from "drizzle-orm";

import type { PlannedAction } from "@domain/device-plan";
import type { RunRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";
import { PLANNED_CLIENT } from "../device-sync/planned";
import {
  countPastPlace,
  keyOrder,
  keyValues,
  pastAndNearest,
  type KeyValues,
  type KeysetPlace,
  type PageSlice,
  type PlaceCount,
  type SortKey,
} from "../shared/keyset";

/** For which devices a run differs from the dry run that it applied; see `rmm_run_divergences`. */

/**
 * What a dry run planned for each device. Replaces the id of a client that it would create by the id that the client
 * has now, if it exists.
 */
const plannedBy = ({ tenantId, runId }: RunRef): SQL => sql`
  select x.external_id, x.name, x.action, x.from_client_id, x.content_hash,
    coalesce(c.id, x.to_client_id) as to_client_id,
    case when c.id is null then x.changes
      else replace(x.changes::text, x.to_client_id::text, c.id::text)::jsonb end as changes
  from rmm_planned_changes x
  left join rmm_planned_changes made on made.run_id = x.run_id and made.external_id = ${PLANNED_CLIENT} || x.to_client_id
  left join clients c on c.tenant_id = ${tenantId} and c.archived_at is null and fold_text(c.name) = fold_text(made.name)
  where x.tenant_id = ${tenantId} and x.run_id = ${runId} and x.action <> 'group'`;

/**
 * Compares what a run did with what the dry run planned that it applies, and records the devices for which they differ,
 * and their number on the run; one statement. For a run that ends: what it did is complete by then.
 */
export async function recordDivergences(tx: TenantDb, ref: RunRef, appliesRunId: string): Promise<void> {
  const { tenantId, runId } = ref;
  await tx.execute(sql`
    with found as (
      insert into rmm_run_divergences (tenant_id, run_id, external_id, name)
      select ${tenantId}, ${runId}, coalesce(p.external_id, d.external_id), coalesce(d.name, p.name)
      from (${plannedBy({ tenantId, runId: appliesRunId })}) p
      full join (select * from rmm_planned_changes
                 where tenant_id = ${tenantId} and run_id = ${runId} and action <> 'group') d
        on d.external_id = p.external_id
      where (p.action, p.from_client_id, p.to_client_id, p.changes, p.content_hash)
        is distinct from (d.action, d.from_client_id, d.to_client_id, d.changes, d.content_hash)
      on conflict (run_id, external_id) do update set name = excluded.name
      returning external_id
    )
    update rmm_sync_runs set divergences = (select count(*) from found)
    where tenant_id = ${tenantId} and id = ${runId}`);
}

export interface Divergence {
  externalId: string;
  name: string;
  /** Null if the dry run planned nothing for the device. */
  planned: PlannedAction | null;
  /** Null if the run did nothing to the device. */
  done: PlannedAction | null;
}

/** The order of the list: by the device's name. */
export const divergenceKeys: SortKey[] = [
  { expression: sql`v.name_key collate "C"`, kind: "text", isDescending: false, isNullable: false },
  { expression: sql`v.external_id collate "C"`, kind: "text", isDescending: false, isNullable: false },
];

const divergencesOf = ({ tenantId, runId }: RunRef): SQL =>
  sql`from rmm_run_divergences v where v.tenant_id = ${tenantId} and v.run_id = ${runId}`;

/** A page of the devices for which a run differs from the dry run that it applied, ordered by name. */
export const listDivergences = (
  tx: TenantDb,
  ref: RunRef & { appliesRunId: string },
  slice: PageSlice,
): Promise<(Divergence & { keys: KeyValues })[]> =>
  queryRows<Divergence & { keys: KeyValues }>(
    tx,
    sql`select v.external_id as "externalId", v.name, p.action as planned,
          d.action as done, ${keyValues(divergenceKeys)} as keys
        from (select v.* ${divergencesOf(ref)} and ${pastAndNearest(divergenceKeys, slice)}) v
        left join rmm_planned_changes p on p.tenant_id = ${ref.tenantId} and p.run_id = ${ref.appliesRunId}
          and p.external_id = v.external_id
        left join rmm_planned_changes d on d.tenant_id = ${ref.tenantId} and d.run_id = ${ref.runId}
          and d.external_id = v.external_id
        order by ${keyOrder(divergenceKeys)}`,
  );

/** The number of these devices, and of those past a place. */
export const countDivergences = (tx: TenantDb, ref: RunRef, place: KeysetPlace): Promise<PlaceCount> =>
  countPastPlace(tx, divergenceKeys, place, divergencesOf(ref));
