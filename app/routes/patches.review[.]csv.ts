import { DAY_MS } from "@domain/durations";
import { latestQuarters, parseQuarter } from "@domain/quarters";
import { guarded } from "~/auth/guard.server";
import { reviewBatches } from "~/features/patches/patches.page.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

const columns = [
  "client",
  "asset",
  "type",
  "device_id",
  "update",
  "category",
  "kb",
  "pending_since",
  "ended",
  "days_pending",
  "error",
];

/** Every interval of every update of every device that overlaps the quarter of the address; this quarter by default. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url }) => {
    const now = app.clock();
    const quarter = parseQuarter(url.searchParams.get("quarter")) ?? latestQuarters(now, 1)[0]!;
    const next = reviewBatches(app.db, tenantId, url.searchParams, quarter);
    return csvDownload(csvOptions(url), `patch-review-${quarter.name}.csv`, columns, async () =>
      (await next()).flatMap((row) =>
        row.intervals
          .map(({ startedAt, endedAt }) => ({
            start: new Date(startedAt),
            end: endedAt === null ? null : new Date(endedAt),
          }))
          .filter(({ start, end }) => start < quarter.to && (end === null || end >= quarter.from))
          .map(({ start, end }) => [
            row.client,
            row.asset,
            row.assetType,
            row.externalDeviceId,
            row.name,
            row.category,
            row.kbIds.join("; "),
            start.toISOString(),
            end?.toISOString(),
            Math.floor(((end ?? now).getTime() - start.getTime()) / DAY_MS),
            row.error,
          ]),
      ),
    );
  },
);
