import { sql, type SQL } from "drizzle-orm";

import type { SweepSums } from "@domain/mass-change-guard";

import type { TenantDb } from "../../client";
import { queryByHash } from "../shared/by-hash";
import { absentFrom } from "./gone";
import { PLANNED_GROUP } from "./planned";
import { observedBefore, type Sweep } from "./seen-ids";

/**
 * The tables of a complete sweep of devices, as the `with` of a statement.
 * - Listed: the records on its pages, and unreadable records of devices that are not known.
 * - A group that went missing in this run counts as many devices as when it was last seen.
 * - Known: the devices that existed when the run began; those it added say nothing about losses.
 * - A dry run has written no group and no device: those of its plan replace or complete the stored ones.
 */
export function sweepTables(sweep: Sweep): SQL {
  const { tenantId, connectionId, runId } = sweep;
  const ofAccount = sql`tenant_id = ${tenantId} and integration_id = ${connectionId}`;
  const ofRun = sql`tenant_id = ${tenantId} and run_id = ${runId}`;
  const seen = (resource: string) =>
    sql`select distinct unnest(ids_seen) as id from rmm_sync_run_pages where ${ofRun} and resource = ${resource}`;
  return sql`live as materialized (
          select external_id, external_group_id, ${observedBefore(sweep, sql`created_at`)} as known
          from tenant_external_entity_mappings
          where ${ofAccount} and external_type = 'device' and gone_at is null
        ), absent as materialized (
          select m.external_group_id, m.asset_id from tenant_external_entity_mappings m where ${absentFrom(sweep)}
        ), listed as materialized (
          select external_group_id from live join (${seen("devices")}) seen on seen.id = live.external_id
        ), unreadable as (
          select distinct e.external_id from rmm_sync_run_errors e
          where ${ofRun} and e.resource = 'devices' and e.severity = 'record' and e.external_id is not null
            and not exists (select from live where live.external_id = e.external_id)
        ), unnamed as (
          select e.id from rmm_sync_run_errors e
          where ${ofRun} and e.resource = 'devices' and e.severity = 'record' and e.external_id is null
            and not e.is_ignored
        ), enrolled as (
          select p.external_id from rmm_planned_changes p
          where ${ofRun} and (p.action in ('create', 'return') or (p.action = 'skip' and p.reason <> 'ungrouped'))
            and not exists (select from live where live.external_id = p.external_id)
        ), stored as (
          select external_id, external_device_count as devices from rmm_organization_mappings
          where ${ofAccount} and (gone_at is null or gone_at >= (
            select started_at from rmm_sync_runs where tenant_id = ${tenantId} and id = ${runId}))
        ), planned as (
          select substr(external_id, ${PLANNED_GROUP.length + 1}::int) as external_id,
            (changes -> 0 ->> 'to')::int as devices
          from rmm_planned_changes
          where ${ofRun} and action = 'group' and starts_with(external_id, ${PLANNED_GROUP})
        ), groups as materialized (
          select external_id, case when p.external_id is null then s.devices else p.devices end as devices
          from stored s full join planned p using (external_id)
        ), borne_out as (
          select g.external_id from groups g
          join (${seen("groups")}) seen on seen.id = g.external_id
          left join listed l on l.external_group_id = g.external_id
          group by g.external_id, g.devices having g.devices <= count(l.external_group_id)
        )`;
}

type ListSums = Omit<SweepSums, "removedLately">;

/** The totals of a complete sweep of devices, with the provider's own counts of its groups. */
export async function sumSweep(tx: TenantDb, sweep: Sweep): Promise<ListSums> {
  const [row] = await queryByHash<ListSums>(
    tx,
    sql`with ${sweepTables(sweep)}
        select (select count(*) from live where known)::int as known, (select count(*) from absent)::int as absent,
          (select count(*) from unnamed)::int as unnamed,
          (select count(*) from absent join borne_out b on b.external_id = absent.external_group_id)::int as confirmed,
          (select count(external_group_id) from listed)::int + (select count(*) from unreadable)::int
            + (select count(*) from enrolled)::int as "listedInGroups",
          (select coalesce(sum(devices), 0) from groups)::int as "countedInGroups"`,
  );
  return row!;
}
