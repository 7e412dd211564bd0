import { withTenant, type Db } from "@db/client";
import { listConnectionLabels } from "@db/queries/connections/connections";
import {
  countDeliveries,
  deliveryKeys,
  getDeliveryLine,
  listDeliveries,
  type DeliveryFilter,
  type DeliveryLine,
} from "@db/queries/webhooks/webhook-log";
import { DAY_MS } from "@domain/durations";
import { webhookAuthSchemes, deliveryOutcomes } from "@domain/webhook-auth";
import { isId } from "~/auth/guard.server";
import { readKeysetPage } from "~/platform/http/keyset-page";
import { oneOf, searchText } from "~/platform/http/paging";

export type { DeliveryLine };

const PAGE_SIZE = 50;

/** The filter in an address or a form, and the values that the form shows. */
export function deliveryFilterOf(params: URLSearchParams, now: Date) {
  const given = params.get("integration");
  const values = {
    integration: isId(given) ? given : "",
    scheme: oneOf(params, "scheme", ["", ...webhookAuthSchemes]),
    outcome: oneOf(params, "outcome", ["", ...deliveryOutcomes]),
    time: oneOf(params, "time", ["", "day", "week"]),
    secret: oneOf(params, "secret", ["", "previous"]),
    q: searchText(params) ?? "",
  };
  const filter: DeliveryFilter = {
    connectionId: values.integration === "" ? undefined : values.integration,
    scheme: values.scheme === "" ? undefined : values.scheme,
    outcomes: values.outcome === "" ? undefined : [values.outcome],
    since:
      values.time === "" ? undefined : new Date(now.getTime() - (values.time === "day" ? 1 : 7) * DAY_MS),
    secretUsed: values.secret === "" ? undefined : values.secret,
    text: values.q === "" ? undefined : values.q,
  };
  return { values, filter };
}

/** Where a replay of all matching deliveries continues, and the number of those left. */
export async function readReplayRest(db: Db, tenantId: string, filter: DeliveryFilter, afterId: unknown) {
  if (typeof afterId !== "string" || !isId(afterId)) return null;
  const { total: left } = await withTenant(db, tenantId, (tx) =>
    countDeliveries(tx, tenantId, { ...filter, afterId }),
  );
  return left === 0 ? null : { afterId, left };
}

/** The page of the log that an address asks for. Three statements. */
export async function listDeliveryPage(
  db: Db,
  tenantId: string,
  filter: DeliveryFilter,
  params: URLSearchParams,
) {
  const list = { scope: `deliveries:${tenantId}`, keys: deliveryKeys, pageSize: PAGE_SIZE };
  return withTenant(db, tenantId, async (tx) => ({
    ...(await readKeysetPage(list, params, {
      count: (place) => countDeliveries(tx, tenantId, filter, place),
      read: (slice) => listDeliveries(tx, tenantId, filter, slice),
    })),
    integrations: await listConnectionLabels(tx, tenantId),
  }));
}

/** A delivery with its body; null if the tenant has no such delivery. */
export async function readDelivery(db: Db, tenantId: string, deliveryId: string) {
  const row = await withTenant(db, tenantId, (tx) => getDeliveryLine(tx, tenantId, deliveryId));
  return row === undefined ? null : { ...row, body: row.body === null ? null : laidOut(row.body) };
}

/** Indents JSON; leaves any other text as received. */
function laidOut(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
