import { withTenant, type Db } from "@db/client";
import {
  countDifferences,
  listDifferences,
  fingerprintDifferences,
  type DifferenceFilter,
} from "@db/queries/assets/differences";
import { listClientNames } from "@db/queries/clients/clients";
import { comparedFields } from "@domain/asset-fields";
import { isId } from "~/auth/guard.server";
import { oneOf, searchText } from "~/platform/http/paging";

export const DIFFERENCES_PAGE_SIZE = 50;

export const allDifferences: DifferenceFilter = { field: undefined, clientId: undefined, text: undefined };

/** The filter that an address states, and what its form shows. */
export function differenceFilterOf(params: URLSearchParams): {
  filter: DifferenceFilter;
  values: { q: string; field: string; client: string };
} {
  const field = oneOf(params, "field", ["", ...comparedFields]);
  const client = params.get("client") ?? "";
  const clientId = client === "none" || isId(client) ? client : undefined;
  const text = searchText(params);
  return {
    filter: { field: field === "" ? undefined : field, clientId, text },
    values: { q: text ?? "", field, client: clientId ?? "" },
  };
}

/** A page of what people hold and the RMM says otherwise. Four statements. */
export async function readDifferences(db: Db, tenantId: string, filter: DifferenceFilter, page: number) {
  return withTenant(db, tenantId, async (tx) => ({
    rows: await listDifferences(tx, tenantId, filter, {
      limit: DIFFERENCES_PAGE_SIZE,
      offset: (page - 1) * DIFFERENCES_PAGE_SIZE,
    }),
    ...(await fingerprintDifferences(tx, tenantId, filter)),
    all: await countDifferences(tx, tenantId, allDifferences),
    clients: await listClientNames(tx, tenantId),
  }));
}

/** What fits a filter now: what is settled at once is what was looked at. */
export const readDifferencesFingerprint = (db: Db, tenantId: string, filter: DifferenceFilter) =>
  withTenant(db, tenantId, (tx) => fingerprintDifferences(tx, tenantId, filter));

export type DifferenceRow = Awaited<ReturnType<typeof readDifferences>>["rows"][number];
