import { sql, type SQL } from "drizzle-orm";

import { plannedDeviceActions, type PlannedDeviceAction } from "@domain/device-plan";

import { queryRows, type TenantDb } from "../../client";
import type { FieldChange } from "../../schema";
import { PLANNED_CLIENT } from "../device-sync/planned";
import { textArray, uuidArray } from "../shared/arrays";
import {
  countPastPlace,
  isPastPlace,
  isReadFromEnd,
  keyOrder,
  keyValues,
  type KeyValues,
  type KeysetPlace,
  type PageSlice,
  type PlaceCount,
  type SortKey,
} from "../shared/keyset";
import { contains } from "../shared/search";

/** Lists and counts for the pages and downloads of a plan; see `rmm_planned_changes`. All functions here only read. */

export interface PlanFilter {
  action: PlannedDeviceAction | undefined;
  /** The client that the device's asset has or would get. `none` finds devices without either. */
  clientId: string | undefined;
  /** Part of the device's name or id. */
  text: string | undefined;
}

function fits(tenantId: string, runId: string, { action, clientId, text }: PlanFilter): SQL {
  return sql.join(
    [
      sql`p.tenant_id = ${tenantId} and p.run_id = ${runId}`,
      action === undefined ? sql`p.action <> 'group'` : sql`p.action = ${action}`,
      ...(clientId === undefined
        ? []
        : clientId === "none"
          ? [sql`p.from_client_id is null and p.to_client_id is null`]
          : [sql`(p.from_client_id = ${clientId} or p.to_client_id = ${clientId})`]),
      ...(text === undefined
        ? []
        : [sql`(${contains(sql`p.name`, text)} or ${contains(sql`p.external_id`, text)})`]),
    ],
    sql` and `,
  );
}

export interface PlanRow {
  externalId: string;
  action: PlannedDeviceAction;
  name: string;
  assetId: string | null;
  fromClient: string | null;
  toClient: string | null;
  changes: FieldChange[];
  reason: string | null;
}

const planColumns = sql`p.external_id as "externalId", p.action, p.name, p.asset_id as "assetId",
  fc.name as "fromClient", coalesce(tc.name, made.name) as "toClient", p.changes, p.reason`;

const withClients = (tenantId: string) => sql`
  left join clients fc on fc.tenant_id = ${tenantId} and fc.id = p.from_client_id
  left join clients tc on tc.tenant_id = ${tenantId} and tc.id = p.to_client_id
  left join lateral (
    select m.name from rmm_planned_changes m
    where m.tenant_id = ${tenantId} and m.run_id = p.run_id and m.external_id = ${PLANNED_CLIENT} || p.to_client_id
    limit 1) made on true`;

/** The order of planned changes: by the device's name. */
export const planKeys: SortKey[] = [
  { expression: sql`p.name_key collate "C"`, kind: "text", isDescending: false, isNullable: false },
  { expression: sql`p.external_id collate "C"`, kind: "text", isDescending: false, isNullable: false },
];

/**
 * A page of the planned changes that match, ordered by name. Reads a page of each action by the index and merges them,
 * because the index is ordered by name only within an action.
 */
export async function listPlanned(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  filter: PlanFilter,
  { place, limit }: PageSlice,
): Promise<(PlanRow & { keys: KeyValues })[]> {
  const nearest = sql`order by ${keyOrder(planKeys, isReadFromEnd(place))} limit ${limit}::int`;
  const actions = filter.action === undefined ? plannedDeviceActions : [filter.action];
  const ofAction = actions.map(
    (action) => sql`(select * from rmm_planned_changes p
      where ${fits(tenantId, runId, { ...filter, action })} and ${isPastPlace(planKeys, place)} ${nearest})`,
  );
  return queryRows<PlanRow & { keys: KeyValues }>(
    tx,
    sql`select ${planColumns}, ${keyValues(planKeys)} as keys
        from (select * from (${sql.join(ofAction, sql` union all `)}) p ${nearest}) p ${withClients(tenantId)}
        order by ${keyOrder(planKeys)}`,
  );
}

/** The planned changes that match, ordered by the devices' ids: at most `limit`, after the device `after`. */
export async function listPlannedAfter(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  filter: PlanFilter,
  { limit, after }: { limit: number; after: string },
): Promise<PlanRow[]> {
  return queryRows<PlanRow>(
    tx,
    sql`select ${planColumns}
        from (select * from rmm_planned_changes p
              where ${fits(tenantId, runId, filter)} and p.external_id > ${after}
              order by p.external_id limit ${limit}) p ${withClients(tenantId)}
        order by p.external_id`,
  );
}

/** The planned changes of these devices in any of these runs. */
export async function listPlannedOf(
  tx: TenantDb,
  tenantId: string,
  runIds: string[],
  externalIds: string[],
): Promise<(PlanRow & { runId: string })[]> {
  if (externalIds.length === 0) return [];
  return queryRows<PlanRow & { runId: string }>(
    tx,
    sql`select p.run_id as "runId", ${planColumns} from rmm_planned_changes p ${withClients(tenantId)}
        where p.tenant_id = ${tenantId}
          and p.run_id = any(${uuidArray(runIds)})
          and p.external_id = any(${textArray(externalIds)})`,
  );
}

/** The number of devices in a plan that match the filter, and of those past a place. */
export const countPlannedThatFit = (
  tx: TenantDb,
  tenantId: string,
  runId: string,
  filter: PlanFilter,
  place: KeysetPlace,
): Promise<PlaceCount> =>
  countPastPlace(tx, planKeys, place, sql`from rmm_planned_changes p where ${fits(tenantId, runId, filter)}`);

/** How many devices would be left out for each reason; most frequent reasons first. */
export async function countSkipReasons(
  tx: TenantDb,
  tenantId: string,
  runId: string,
): Promise<{ reason: string | null; n: number }[]> {
  return queryRows(
    tx,
    sql`select reason, count(*)::int as n from rmm_planned_changes
        where tenant_id = ${tenantId} and run_id = ${runId} and action = 'skip'
        group by reason order by n desc, reason`,
  );
}

export interface SinceDryRun {
  /** The last run that applied this plan; null if none did. */
  appliedByRunId: string | null;
  /** The last run that wrote devices or groups of the account after the dry run began; null if there was none. */
  followedByRunId: string | null;
  /** Whether somebody changed the client of a group after the dry run began. */
  isMappingChanged: boolean;
}

/** What has happened to the account since a dry run began; one statement. */
export async function readSinceDryRun(
  tx: TenantDb,
  tenantId: string,
  run: { id: string; connectionId: string; since: Date },
): Promise<SinceDryRun> {
  const since = run.since.toISOString();
  const [row] = await queryRows<SinceDryRun>(
    tx,
    sql`select
          (select id from rmm_sync_runs
           where tenant_id = ${tenantId} and integration_id = ${run.connectionId}
             and requested_at > ${since} and applies_run_id = ${run.id}
           order by requested_at desc limit 1) as "appliedByRunId",
          (select id from rmm_sync_runs
           where tenant_id = ${tenantId} and integration_id = ${run.connectionId} and requested_at > ${since}
             and type in ('full', 'organizations', 'device')
             and status in ('completed', 'completed_with_errors')
           order by requested_at desc limit 1) as "followedByRunId",
          exists (select from rmm_organization_mappings
            where tenant_id = ${tenantId} and integration_id = ${run.connectionId}
              and assigned_at > ${since}) as "isMappingChanged"`,
  );
  return row!;
}
