import { assetFindings } from "@domain/asset-findings";
import { guarded, idParam, notFound } from "~/auth/guard.server";
import { readClient, readClientOverview } from "~/features/clients/clients.page.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";
import { findingLabels } from "~/ui/labels";

/** The numbers of a client's page, one per line. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "clients:read" },
  async ({ app, tenantId, params, url }) => {
    const now = app.clock();
    const detail = await readClient(app.db, tenantId, idParam(params, "clientId"), now);
    if (detail === null) throw notFound("This client does not exist or was removed.");
    const { client, counts, groups } = detail;
    const { summary, attention, waitingDevices } = await readClientOverview(
      app.db,
      tenantId,
      client.id,
      client.archivedAt !== null,
      now,
    );
    const lines: [string, string | number | null][] = [
      ["client", client.name],
      ["as of", now.toISOString()],
      ["assets", counts.current],
      ["servers", counts.servers],
      ["gone assets", counts.gone],
      ["retired assets", counts.retired],
      ["online", summary.online],
      ["pending updates", summary.patches],
      ["assets with pending updates", waitingDevices],
      ["assets with updates pending for 30 days", attention.overdue],
      ["active alerts", summary.alerts],
      ...assetFindings.map((finding): [string, number] => [
        findingLabels[finding],
        attention.findings[finding],
      ]),
      ["assets that no RMM knows", attention.withoutAgent],
      ["devices of its groups without an asset", attention.devicesWithoutAsset],
      ["pending review", attention.pendingReview],
      ["devices confirmed in time", summary.fresh],
      ["devices promised to be confirmed", summary.promised],
      ["last sync", summary.syncedAt === null ? null : new Date(summary.syncedAt).toISOString()],
      ["mapped groups", groups.length],
    ];
    let rest = [lines];
    return csvDownload(csvOptions(url), `${client.name}-summary.csv`, ["what", "value"], () => {
      const batch = rest[0] ?? [];
      rest = rest.slice(1);
      return Promise.resolve(batch);
    });
  },
);
