import { sql, type SQL } from "drizzle-orm";

import type { ConditionDevice } from "@domain/alert-conditions";
import type { DeviceAlerts } from "@domain/maintenance-windows";
import type { AlertSeverity } from "@domain/alert-words";
import { groupBy } from "@domain/group-by";
import { ancestorsOf, buildGroupTree } from "@domain/group-tree";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";

/** An incident with the facts that maintenance windows and rules ask for. */
export interface IncidentSubject {
  incidentId: string;
  name: string;
  severity: AlertSeverity;
  clientId: string | null;
  openedMs: number;
  /**
   * One entry for each device, up to `DEVICES_OF_AN_INCIDENT`: devices with active alerts, or all if no alert is
   * active.
   */
  devices: DeviceAlerts[];
}

/**
 * The most devices of an incident that are read; a client's whole fleet. If there are more, the others do not count.
 */
const DEVICES_OF_AN_INCIDENT = 1_000;

interface Row {
  incidentId: string;
  name: string;
  severity: AlertSeverity;
  clientId: string | null;
  openedMs: number;
  devices:
    | (Omit<DeviceAlerts, "groupIds"> & { connectionId: string | null; externalGroupId: string | null })[]
    | null;
}

/** The incidents with these ids, with their devices. Two statements. */
export const listSubjects = (
  tx: TenantDb,
  tenantId: string,
  incidentIds: readonly string[],
): Promise<IncidentSubject[]> =>
  incidentIds.length === 0
    ? Promise.resolve([])
    : readSubjects(
        tx,
        tenantId,
        sql`select i.* from incidents i
        where i.tenant_id = ${tenantId} and i.id = any(${uuidArray(incidentIds)})`,
      );

/** The newest incidents that opened at or after an instant and are not part of another incident; two statements. */
export const listSubjectsSince = (
  tx: TenantDb,
  tenantId: string,
  since: Date,
  limit: number,
): Promise<IncidentSubject[]> =>
  readSubjects(
    tx,
    tenantId,
    sql`select i.* from incidents i
        where i.tenant_id = ${tenantId} and i.opened_at >= ${since.toISOString()}::timestamptz
          and i.kind = 'condition' and i.merged_into_id is null
        order by i.opened_at desc, i.id desc limit ${limit}`,
    true,
  );

/** The facts about an asset that conditions ask for; undefined if there is no such asset. Two statements. */
export async function getConditionDevice(
  tx: TenantDb,
  tenantId: string,
  assetId: string,
): Promise<(ConditionDevice & { clientId: string | null }) | undefined> {
  const [row] = await queryRows<
    Omit<ConditionDevice, "groupIds"> & {
      clientId: string | null;
      connectionId: string | null;
      externalGroupId: string | null;
    }
  >(
    tx,
    sql`select l.asset_id as "assetId", l.client_id as "clientId", l.asset_type as "assetType", l.platform,
          l.integration_id as "connectionId", l.external_group_id as "externalGroupId",
          (select coalesce(json_agg(t.tag), '[]'::json) from asset_tags t where t.asset_id = l.asset_id) as tags
        from asset_list l where l.tenant_id = ${tenantId} and l.asset_id = ${assetId}`,
  );
  if (row === undefined) return undefined;
  const { connectionId, externalGroupId, ...device } = row;
  return { ...device, groupIds: (await readGroupPaths(tx, tenantId))(connectionId, externalGroupId) };
}

/** @param ofPast counts every alert, as if the incident had just opened */
async function readSubjects(
  tx: TenantDb,
  tenantId: string,
  chosen: SQL,
  ofPast = false,
): Promise<IncidentSubject[]> {
  const isCounted = ofPast ? sql`true` : sql`(a.status = 'active' or i.active_count = 0)`;
  const rows = await queryRows<Row>(
    tx,
    sql`with chosen as materialized (${chosen})
        select i.id as "incidentId", i.name, i.severity, i.client_id as "clientId",
          (extract(epoch from i.opened_at) * 1000)::float8 as "openedMs", d.devices
        from chosen i
        left join lateral (
          select json_agg(json_build_object(
            'assetId', a.asset_id, 'startedMs', (extract(epoch from a.started) * 1000)::float8,
            'isActive', a.is_active, 'assetType', l.asset_type, 'platform', l.platform,
            'connectionId', l.integration_id, 'externalGroupId', l.external_group_id,
            'tags', (select coalesce(json_agg(t.tag), '[]'::json) from asset_tags t where t.asset_id = a.asset_id),
            'isFlagged', coalesce((select s.system_info ->> 'maintenanceMode' = 'true' from asset_details s
              where s.asset_id = a.asset_id), false))) as devices
          from (
            select a.asset_id, min(coalesce(a.started_at, a.created_at)) as started, bool_or(a.status = 'active') as is_active
            from rmm_alerts a where a.incident_id = i.id and ${isCounted}
            group by a.asset_id, case when a.asset_id is null then coalesce(a.external_device_id, a.device_hostname) end
            limit ${DEVICES_OF_AN_INCIDENT}
          ) a left join asset_list l on l.asset_id = a.asset_id
        ) d on true`,
  );
  const groupsOf = await readGroupPaths(tx, tenantId);
  return rows.map(({ devices, ...row }) => ({
    ...row,
    devices: (devices ?? []).map(({ connectionId, externalGroupId, ...device }) => ({
      ...device,
      groupIds: groupsOf(connectionId, externalGroupId),
    })),
  }));
}

/**
 * Returns a function from a group to its id and the ids of all groups above it. One statement, which reads all groups,
 * because a connection has few.
 */
async function readGroupPaths(tx: TenantDb, tenantId: string) {
  const groups = await queryRows<{
    id: string;
    connectionId: string;
    externalId: string;
    parentExternalId: string | null;
    name: string;
  }>(
    tx,
    sql`select id, integration_id as "connectionId", external_id as "externalId",
          parent_external_id as "parentExternalId", '' as name
        from rmm_organization_mappings where tenant_id = ${tenantId}`,
  );
  const byConnection = groupBy(groups, ({ connectionId }) => connectionId);
  const trees = new Map([...byConnection].map(([id, list]) => [id, buildGroupTree(list)]));
  const known = new Map<string, string[]>();
  return (connectionId: string | null, externalId: string | null): string[] => {
    if (connectionId === null || externalId === null) return [];
    const key = `${connectionId} ${externalId}`;
    const found = known.get(key) ?? pathOf(trees.get(connectionId), externalId);
    known.set(key, found);
    return found;
  };
}

type Tree = ReturnType<
  typeof buildGroupTree<{ id: string; externalId: string; parentExternalId: string | null; name: string }>
>;

function pathOf(tree: Tree | undefined, externalId: string): string[] {
  const own = tree?.byId.get(externalId);
  if (tree === undefined || own === undefined) return [];
  return [own.group.id, ...ancestorsOf(tree, externalId).map(({ group }) => group.id)];
}
