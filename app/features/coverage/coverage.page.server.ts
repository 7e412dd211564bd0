import { readAtOnce, withTenant, type Db } from "@db/client";
import { countCoverage, coverageKeys, listCoverage } from "@db/queries/coverage/coverage";
import { addressOf, placeAt } from "@db/queries/shared/keyset";
import { coverageKinds, type CoverageKind } from "@domain/coverage";
import { oneOf, searchText } from "~/platform/http/paging";

const PAGE_SIZE = 50;
const BATCH = 1000;

/** The name of the list of a kind, for its cursors. */
export const coverageScope = (kind: CoverageKind): string => `coverage:${kind}`;

/** The parameters in an address; invalid ones count as absent. */
export function coverageSearch(params: URLSearchParams) {
  const filter = {
    kind: oneOf(params, "kind", coverageKinds),
    isIgnored: params.get("show") === "ignored",
    text: searchText(params),
  };
  const scope = coverageScope(filter.kind);
  return { filter, scope, after: placeAt(params.get("after"), scope, coverageKeys) };
}

type CoverageSearch = ReturnType<typeof coverageSearch>;

/** A page of the gaps of one kind, beside the number of gaps of each kind. Two statements. */
export async function readCoverage(db: Db, tenantId: string, { filter, scope, after }: CoverageSearch) {
  const { counts, found } = await readAtOnce(db, tenantId, {
    counts: (tx) => countCoverage(tx, tenantId),
    found: (tx) => listCoverage(tx, tenantId, filter, { after, limit: PAGE_SIZE + 1 }),
  });
  const rows = found.slice(0, PAGE_SIZE);
  const count = counts[filter.kind][filter.isIgnored ? "ignored" : "open"];
  const last = rows.at(-1);
  return {
    counts,
    rows: rows.map(({ keys: _, found: __, ...row }) => row),
    total: filter.text === undefined ? count : (found[0]?.found ?? 0),
    next: found.length > rows.length && last !== undefined ? addressOf(scope, last.keys) : null,
  };
}

/** The gaps of a kind for a file: each call returns the batch after the previous one. */
export function coverageBatches(db: Db, tenantId: string, { filter }: CoverageSearch) {
  let after: CoverageSearch["after"];
  let isDone = false;
  return async () => {
    if (isDone) return [];
    const rows = await withTenant(db, tenantId, (tx) =>
      listCoverage(tx, tenantId, filter, { after, limit: BATCH }),
    );
    after = rows.at(-1)?.keys;
    isDone = rows.length < BATCH;
    return rows;
  };
}
