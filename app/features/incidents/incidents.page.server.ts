import { withTenant, type Db } from "@db/client";
import { namedAsset } from "@db/queries/assets/assets";
import {
  countIncidents,
  incidentKeys,
  incidentScope,
  incidentViews,
  listIncidents,
  type IncidentFilter,
  type IncidentRow,
} from "@db/queries/incidents/incident-inbox";
import {
  getIncident,
  listAlertsOfIncident,
  listIncidentEntries,
  listIncidentsOfStorm,
} from "@db/queries/incidents/incident-page";
import { getResolution } from "@db/queries/incidents/resolutions";
import { listClientNames } from "@db/queries/clients/clients";
import { addressOf, placeAt, type KeyValues } from "@db/queries/shared/keyset";
import { alertSeverities, type AlertSeverity } from "@domain/alert-words";
import { isId } from "~/auth/guard.server";
import { oneOf, searchText } from "~/platform/http/paging";
import { readTogether } from "~/platform/live/read-together";

const PAGE_SIZE = 50;
const ENTRIES_SHOWN = 200;
const ALERTS_SHOWN = 200;

/** The filter, order and place in the inbox's address, and the values that the form shows. */
export function incidentSearch(params: URLSearchParams, userId: string) {
  const client = params.get("client") ?? "";
  const asset = params.get("asset");
  const owner = oneOf(params, "owner", ["", "me", "none"]);
  const severity = oneOf(params, "severity", ["", ...alertSeverities]);
  const filter: IncidentFilter = {
    view: oneOf(params, "state", incidentViews),
    severity: severity === "" ? undefined : severity,
    clientId: client === "none" || isId(client) ? client : undefined,
    assetId: isId(asset) ? asset : undefined,
    ownerId: owner === "me" ? userId : owner === "" ? undefined : owner,
    text: searchText(params),
  };
  const values = {
    q: filter.text ?? "",
    state: filter.view,
    severity,
    client: filter.clientId ?? "",
    asset: filter.assetId ?? "",
    owner,
  };
  const after = placeAt(params.get("after"), incidentScope(filter.view), incidentKeys(filter.view));
  return { filter, values, after };
}

export type IncidentSearch = ReturnType<typeof incidentSearch>;

/** A page of the inbox. Three statements, and one for the name of the asset that the filter names. */
export async function readIncidents(db: Db, tenantId: string, { filter, after }: IncidentSearch) {
  const counts = await readTogether(db, tenantId, "incidents", () =>
    withTenant(db, tenantId, (tx) => countIncidents(tx, tenantId)),
  );
  return withTenant(db, tenantId, async (tx) => {
    const found = await listIncidents(tx, tenantId, filter, { after, limit: PAGE_SIZE + 1 });
    const rows = found.slice(0, PAGE_SIZE);
    const last = rows.at(-1);
    const clients = await listClientNames(tx, tenantId);
    const asset = filter.assetId === undefined ? null : await namedAsset(tx, tenantId, filter.assetId);
    return {
      rows: rows.map(({ keys: _, ...row }) => row),
      next:
        found.length > PAGE_SIZE && last !== undefined
          ? addressOf(incidentScope(filter.view), last.keys)
          : undefined,
      isFirst: after === undefined,
      counts: {
        open: sumOf(counts, ({ state }) => state === "open"),
        acknowledged: sumOf(counts, ({ state }) => state === "acknowledged"),
        snoozed: sumOf(counts, ({ state }) => state === "snoozed"),
        bySeverity: Object.fromEntries(
          alertSeverities.map((severity) => [
            severity,
            sumOf(counts, (one) => one.severity === severity && one.state === "open"),
          ]),
        ) as Record<AlertSeverity, number>,
      },
      clients,
      asset,
    };
  });
}

type Counts = Awaited<ReturnType<typeof countIncidents>>;

const sumOf = (counts: Counts, isMeant: (one: Counts[number]) => boolean): number =>
  counts.filter(isMeant).reduce((sum, { n }) => sum + n, 0);

export type IncidentLine = Omit<IncidentRow, "keys">;

/** The search's matches after the given row, for a file; empty after the last one. */
export const readIncidentBatch = (
  db: Db,
  tenantId: string,
  filter: IncidentFilter,
  limit: number,
  after: KeyValues | undefined,
): Promise<IncidentRow[]> =>
  withTenant(db, tenantId, (tx) => listIncidents(tx, tenantId, filter, { after, limit }));

/** An incident with its timeline and its alerts, or the incidents of a storm. Null if there is no such incident. */
export async function readIncident(db: Db, tenantId: string, incidentId: string) {
  return withTenant(db, tenantId, async (tx) => {
    const incident = await getIncident(tx, tenantId, incidentId);
    if (incident === undefined) return null;
    const isStorm = incident.kind !== "condition";
    return {
      incident,
      entries: await listIncidentEntries(tx, tenantId, incidentId, ENTRIES_SHOWN),
      alerts: isStorm ? [] : await listAlertsOfIncident(tx, tenantId, incidentId, ALERTS_SHOWN),
      resolution: await getResolution(tx, tenantId, incidentId),
      members: isStorm ? await listIncidentsOfStorm(tx, tenantId, incidentId, ALERTS_SHOWN) : [],
    };
  });
}

export type IncidentDetail = NonNullable<Awaited<ReturnType<typeof readIncident>>>;
