import { withTenant, type Db } from "@db/client";
import {
  countDifferences,
  differenceKeys,
  listDifferences,
  fingerprintDifferences,
  type DifferenceFilter,
} from "@db/queries/assets/differences";
import { listClientNames } from "@db/queries/clients/clients";
import { addressOf, placeAt, type KeyValues } from "@db/queries/shared/keyset";
import { comparedFields } from "@domain/asset-fields";
import { isId } from "~/auth/guard.server";
import { oneOf, searchText } from "~/platform/http/paging";

const PAGE_SIZE = 50;
const SCOPE = "differences";

export const allDifferences: DifferenceFilter = { field: undefined, clientId: undefined, text: undefined };

/** The filter in an address, and the values that its form shows. */
export function differenceFilterOf(params: URLSearchParams): {
  filter: DifferenceFilter;
  values: { q: string; field: string; client: string };
  after: KeyValues | undefined;
} {
  const field = oneOf(params, "field", ["", ...comparedFields]);
  const client = params.get("client") ?? "";
  const clientId = client === "none" || isId(client) ? client : undefined;
  const text = searchText(params);
  return {
    filter: { field: field === "" ? undefined : field, clientId, text },
    values: { q: text ?? "", field, client: clientId ?? "" },
    after: placeAt(params.get("after"), SCOPE, differenceKeys),
  };
}

/** A page of the values that people override and that differ from the RMM's. Four statements. */
export async function readDifferences(
  db: Db,
  tenantId: string,
  filter: DifferenceFilter,
  after: KeyValues | undefined,
) {
  return withTenant(db, tenantId, async (tx) => {
    // Reads one row more than a page shows, to know whether there is a next page.
    const found = await listDifferences(tx, tenantId, filter, { after, limit: PAGE_SIZE + 1 });
    const rows = found.slice(0, PAGE_SIZE);
    const last = rows.at(-1);
    return {
      rows: rows.map(({ keys: _, ...row }) => row),
      next: found.length > PAGE_SIZE && last !== undefined ? addressOf(SCOPE, last.keys) : null,
      isFirst: after === undefined,
      ...(await fingerprintDifferences(tx, tenantId, filter)),
      all: await countDifferences(tx, tenantId, allDifferences),
      clients: await listClientNames(tx, tenantId),
    };
  });
}

/**
 * The fingerprint of the differences that match a filter, so that resolving all of them resolves only what the person
 * saw.
 */
export const readDifferencesFingerprint = (db: Db, tenantId: string, filter: DifferenceFilter) =>
  withTenant(db, tenantId, (tx) => fingerprintDifferences(tx, tenantId, filter));

export type DifferenceRow = Awaited<ReturnType<typeof readDifferences>>["rows"][number];
