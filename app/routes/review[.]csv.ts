import { guarded } from "~/auth/guard.server";
import { heldFilterOf, readHeldBatch } from "~/features/review/review.page.server";
import { CSV_BATCH, csvOfList, csvOptions } from "~/platform/http/csv.server";

/** Every pending change that matches the filters of the address, oldest first. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url }) => {
    const { filter } = heldFilterOf(url.searchParams);
    return Promise.resolve(
      csvOfList(
        csvOptions(url),
        "pending-review.csv",
        {
          id: (row) => row.id,
          kind: (row) => row.kind,
          device: (row) => row.name,
          device_id: (row) => row.externalId,
          client: (row) => row.client,
          from: (row) => row.from,
          to: (row) => row.to,
          reason: (row) => row.reason,
          connection: (row) => row.integration,
          run: (row) => row.runId,
          since: (row) => new Date(row.sinceMs).toISOString(),
        },
        (last: Awaited<ReturnType<typeof readHeldBatch>>[number] | undefined) =>
          readHeldBatch(app.db, tenantId, filter, { after: last?.id, limit: CSV_BATCH }),
      ),
    );
  },
);
