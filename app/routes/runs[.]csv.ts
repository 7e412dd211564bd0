import { guarded } from "~/auth/guard.server";
import { readRunBatch, runSearch } from "~/features/sync-runs/runs.page.server";
import { CSV_BATCH, csvOfList, csvOptions } from "~/platform/http/csv.server";

/** Every sync run that matches the filters of the address, newest first. */
export const loader = /* @__PURE__ */ guarded({ permission: "runs:read" }, async ({ app, tenantId, url }) => {
  const { filter } = runSearch(url.searchParams);
  return Promise.resolve(
    csvOfList(
      csvOptions(url),
      "runs.csv",
      {
        id: (run) => run.id,
        connection: (run) => run.integration,
        type: (run) => run.type,
        trigger: (run) => run.trigger,
        asked_by: (run) => run.actor,
        status: (run) => run.status,
        requested: (run) => run.requestedAt.toISOString(),
        started: (run) => run.startedAt?.toISOString(),
        ended: (run) => run.endedAt?.toISOString(),
        seen: (run) => run.itemsSeen,
        created: (run) => run.itemsCreated,
        updated: (run) => run.itemsUpdated,
        skipped: (run) => run.itemsSkipped,
        failed: (run) => run.itemsFailed,
        gone: (run) => run.itemsGone,
        pending_review: (run) => run.itemsHeld,
        error: (run) => run.errorMessage,
      },
      (last: Awaited<ReturnType<typeof readRunBatch>>[number] | undefined) =>
        readRunBatch(app.db, tenantId, filter, { before: last?.id, limit: CSV_BATCH }),
    ),
  );
});
