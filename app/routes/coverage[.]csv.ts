import { guarded } from "~/auth/guard.server";
import { reasonLabel } from "~/features/coverage/coverage-labels";
import { coverageBatches, coverageSearch } from "~/features/coverage/coverage.page.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

const columns = ["kind", "id", "name", "belongs_to", "reason", "note", "ignored_by"];

/** Every gap of the kind that the address names. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url }) => {
    const search = coverageSearch(url.searchParams);
    const next = coverageBatches(app.db, tenantId, search);
    return csvDownload(csvOptions(url), `coverage-${search.filter.kind}.csv`, columns, async () =>
      (await next()).map((row) => [
        search.filter.kind,
        row.id,
        row.name,
        row.detail,
        reasonLabel(row.reason).text,
        row.note,
        row.ignoredBy,
      ]),
    );
  },
);
