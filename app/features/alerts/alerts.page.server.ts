import { readAtOnce, withTenant, type Db } from "@db/client";
import {
  alertKeys,
  alertOrders,
  alertScope,
  alertStates,
  alertTimes,
  countAcknowledgedAt,
  countAlerts,
  type AlertFilter,
  type AlertOrder,
  listAlertsById,
} from "@db/queries/alerts/alert-inbox";
import { countActiveAlerts, getAlertDetail, listAlertsInOrder } from "@db/queries/alerts/alert-list";
import { namedAsset } from "@db/queries/assets/assets";
import { listClientNames } from "@db/queries/clients/clients";
import { addressOf, placeAt, type KeyValues } from "@db/queries/shared/keyset";
import { listDeliveriesOfAlert } from "@db/queries/webhooks/webhook-log";
import { isPlaceholder } from "@domain/alert-identity";
import { alertSeverities } from "@domain/alert-words";
import { DAY_MS } from "@domain/durations";
import { DELIVERY_DAYS } from "@domain/schedule-limits";
import { isId } from "~/auth/guard.server";
import { oneOf, searchText } from "~/platform/http/paging";
import { readTogether } from "~/platform/live/read-together";

const PAGE_SIZE = 50;

/** The filter, order and place in the inbox's address, and the values that the form shows. */
export function alertFilterOf(params: URLSearchParams) {
  const client = params.get("client") ?? "";
  const asset = params.get("asset");
  const severity = oneOf(params, "severity", ["", ...alertSeverities]);
  const filter: AlertFilter = {
    state: oneOf(params, "state", alertStates),
    severity: severity === "" ? undefined : severity,
    clientId: client === "none" || isId(client) ? client : undefined,
    assetId: isId(asset) ? asset : undefined,
    time: oneOf(params, "time", alertTimes),
    text: searchText(params),
  };
  const order = oneOf(params, "sort", alertOrders);
  const values = {
    q: filter.text ?? "",
    state: filter.state,
    severity,
    client: filter.clientId ?? "",
    asset: filter.assetId ?? "",
    time: filter.time,
  };
  return { filter, order, values, after: placeAt(params.get("after"), alertScope(order), alertKeys(order)) };
}

export type AlertFilterValues = ReturnType<typeof alertFilterOf>["values"];
export type { AlertOrder };

/** Milliseconds for which the inbox offers to undo an acknowledgement. */
const UNDO_SHOWN_MS = 10 * 60_000;

/** The alerts that a person recently acknowledged together, if the address names the instant. At most one statement. */
export async function readUndo(db: Db, tenantId: string, userId: string, params: URLSearchParams, now: Date) {
  const at = new Date(params.get("undo") ?? "");
  if (Number.isNaN(at.getTime()) || now.getTime() - at.getTime() > UNDO_SHOWN_MS) return null;
  const alerts = await withTenant(db, tenantId, (tx) => countAcknowledgedAt(tx, tenantId, { at, userId }));
  return alerts === 0 ? null : { at: at.toISOString(), alerts };
}

/**
 * A page of the inbox. Four statements: the active alerts by severity, once for all tabs that ask at the same time; the
 * page, beside its total and the clients to choose from. A fifth for the name of the asset that the filter names.
 */
export async function listAlerts(
  db: Db,
  tenantId: string,
  filter: AlertFilter,
  order: AlertOrder,
  after: KeyValues | undefined,
  now: Date,
) {
  const active = await readTogether(db, tenantId, "active alerts", () =>
    withTenant(db, tenantId, (tx) => countActiveAlerts(tx, tenantId)),
  );
  // Reads one row more than a page shows, to know whether there is a next page.
  const place = { after, limit: PAGE_SIZE + 1 };
  const { found, others } = await readAtOnce(db, tenantId, {
    found: (tx) => listAlertsInOrder(tx, tenantId, filter, order, now, place),
    others: async (tx) => ({
      total: await countAlerts(tx, tenantId, filter, now),
      clients: await listClientNames(tx, tenantId, { withArchived: true }),
      asset: filter.assetId === undefined ? null : await namedAsset(tx, tenantId, filter.assetId),
    }),
  });
  const rows = found.slice(0, PAGE_SIZE);
  const last = rows.at(-1);
  return {
    rows: rows.map(({ keys: _, ...row }) => row),
    next: found.length > PAGE_SIZE && last !== undefined ? addressOf(alertScope(order), last.keys) : null,
    isFirst: after === undefined,
    active,
    ...others,
  };
}

export type AlertLine = Awaited<ReturnType<typeof listAlerts>>["rows"][number];

const HISTORY_SHOWN = 50;

/** An alert with its deliveries; two statements. Null if the tenant has no such alert. */
export async function readAlert(db: Db, tenantId: string, alertId: string, now: Date) {
  return withTenant(db, tenantId, async (tx) => {
    const row = await getAlertDetail(tx, tenantId, alertId);
    if (row === undefined) return null;
    const { createdAt, ...columnsShown } = row;
    const alert = { ...columnsShown, isPlaceholder: isPlaceholder(row.externalAlertId) };
    const history = await listDeliveriesOfAlert(tx, tenantId, alertId, HISTORY_SHOWN);
    // Deliveries about older alerts are pruned, so the webhook may have reported such an alert even if none is left.
    const isYoung = now.getTime() - createdAt.getTime() < DELIVERY_DAYS * DAY_MS;
    const wasOnlyRead = history.length === 0 && alert.observedVia === "sweep" && isYoung;
    return { alert, history, wasOnlyRead };
  });
}

export type AlertDetail = NonNullable<Awaited<ReturnType<typeof readAlert>>>;

/** Alerts after the given one, for a download. */
export const readAlertBatch = (
  db: Db,
  tenantId: string,
  search: Parameters<typeof listAlertsById>[2],
  page: Parameters<typeof listAlertsById>[3],
) => withTenant(db, tenantId, (tx) => listAlertsById(tx, tenantId, search, page));
