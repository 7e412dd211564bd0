import { and, eq, inArray, isNull, or, sql, type SQL } from "drizzle-orm";

import type { IncidentState } from "@domain/incidents";
import type { AlertSeverity } from "@domain/alert-words";

import { queryRows, type TenantDb } from "../../client";
import { clients, incidents, users } from "../../schema";
import { contains, hasFolded } from "../shared/search";
import { isBeyond, keyOrder, keyValues, type KeyValues, type SortKey } from "../shared/keyset";

export const incidentViews = ["active", "open", "acknowledged", "snoozed", "resolved", "all"] as const;
export type IncidentView = (typeof incidentViews)[number];

export interface IncidentFilter {
  view: IncidentView;
  severity: AlertSeverity | undefined;
  /** `none` finds incidents of devices without a client. */
  clientId: string | undefined;
  assetId: string | undefined;
  /** A person's id. `none` finds incidents that nobody has taken. */
  ownerId: string | undefined;
  text: string | undefined;
}

const statesOf: Record<IncidentView, readonly IncidentState[]> = {
  active: ["open", "acknowledged"],
  open: ["open"],
  acknowledged: ["acknowledged"],
  snoozed: ["snoozed"],
  resolved: ["resolved"],
  all: ["open", "acknowledged", "snoozed", "resolved"],
};

const newestFirst: SortKey[] = [
  { expression: incidents.openedAt, kind: "instant", isDescending: true, isNullable: false },
  { expression: incidents.id, kind: "id", isDescending: true, isNullable: false },
];
const mostSevereFirst: SortKey[] = [
  { expression: incidents.severityRank, kind: "int", isDescending: false, isNullable: false },
  ...newestFirst,
];

/**
 * The sort keys of a view. Views of open incidents put the most severe first; views that include the past, the newest.
 */
export const incidentKeys = (view: IncidentView): SortKey[] =>
  view === "resolved" || view === "all" ? newestFirst : mostSevereFirst;

/** The name of the view's order, which its cursors contain. */
export const incidentScope = (view: IncidentView): string =>
  view === "resolved" || view === "all" ? "incidents newest" : "incidents severe";

/** The incidents of the inbox: neither part of a storm nor merged into another. */
const isListed = (tenantId: string): SQL | undefined =>
  and(eq(incidents.tenantId, tenantId), isNull(incidents.stormId), isNull(incidents.mergedIntoId));

function whereFits(tenantId: string, filter: IncidentFilter): SQL | undefined {
  const { view, severity, clientId, assetId, ownerId, text } = filter;
  return and(
    isListed(tenantId),
    view === "all" ? undefined : inArray(incidents.state, [...statesOf[view]]),
    // Worded exactly as the condition of the inbox's index.
    view === "all" || view === "resolved" ? undefined : sql`${incidents.state} <> 'resolved'`,
    severity === undefined ? undefined : eq(incidents.severity, severity),
    clientId === undefined
      ? undefined
      : clientId === "none"
        ? isNull(incidents.clientId)
        : eq(incidents.clientId, clientId),
    ownerId === undefined
      ? undefined
      : ownerId === "none"
        ? isNull(incidents.ownerId)
        : eq(incidents.ownerId, ownerId),
    assetId === undefined
      ? undefined
      : // An array makes the planner look up the few ids one by one; with `in` it reads all incidents.
        sql`${incidents.id} = any(array(select coalesce(c.storm_id, c.id) from rmm_alerts a
          join incidents c on c.id = a.incident_id
          where a.tenant_id = ${tenantId} and a.asset_id = ${assetId}))`,
    text === undefined
      ? undefined
      : or(
          hasFolded(incidents.searchText, text),
          sql`${incidents.clientId} in (select c.id from clients c
            where c.tenant_id = ${tenantId} and ${contains(sql`c.name`, text)})`,
          sql`(${incidents.deviceCount} > 1 and exists (select from rmm_alerts a
            where a.incident_id = ${incidents.id} and ${contains(sql`a.device_hostname`, text)}))`,
        ),
  );
}

/** The columns of an incident in lists and on its page, for a query that joins its client and its owner. */
export const incidentColumns = {
  id: incidents.id,
  kind: incidents.kind,
  name: incidents.name,
  state: incidents.state,
  severity: incidents.severity,
  openedAt: incidents.openedAt,
  lastAlertAt: incidents.lastAlertAt,
  quietSince: incidents.quietSince,
  resolvedAt: incidents.resolvedAt,
  snoozedUntil: incidents.snoozedUntil,
  alerts: incidents.alertCount,
  activeAlerts: incidents.activeCount,
  devices: incidents.deviceCount,
  device: incidents.device,
  clientId: incidents.clientId,
  client: clients.name,
  owner: users.name,
  ticket: sql<
    string | null
  >`(select coalesce(t.number, t.external_id) from tickets t where t.tenant_id = ${incidents.tenantId} and t.incident_id = ${incidents.id})`,
  ticketUrl: sql<
    string | null
  >`(select t.url from tickets t where t.tenant_id = ${incidents.tenantId} and t.incident_id = ${incidents.id})`,
};

/** The incidents that match: at most `limit`, after a position; one statement. */
export async function listIncidents(
  tx: TenantDb,
  tenantId: string,
  filter: IncidentFilter,
  { after, limit }: { after: KeyValues | undefined; limit: number },
) {
  const keys = incidentKeys(filter.view);
  return tx
    .select({ ...incidentColumns, keys: sql<string[]>`${keyValues(keys)}` })
    .from(incidents)
    .leftJoin(clients, eq(clients.id, incidents.clientId))
    .leftJoin(users, eq(users.id, incidents.ownerId))
    .where(and(whereFits(tenantId, filter), after === undefined ? undefined : isBeyond(keys, after)))
    .orderBy(keyOrder(keys))
    .limit(limit);
}

export type IncidentRow = Awaited<ReturnType<typeof listIncidents>>[number];

/** The number of open incidents by state and severity; one statement. */
export const countIncidents = (
  tx: TenantDb,
  tenantId: string,
): Promise<{ state: IncidentState; severity: AlertSeverity; n: number }[]> =>
  queryRows(
    tx,
    sql`select state, severity, count(*)::int as n from incidents
        where tenant_id = ${tenantId} and state <> 'resolved' and storm_id is null and merged_into_id is null
        group by state, severity`,
  );
