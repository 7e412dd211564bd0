import { withTenant, type Db } from "@db/client";
import { countFleet, countByClient } from "@db/queries/overview/overview";
import { readConnectionOverviews } from "~/features/connections/integrations.page.server";
import { latestRuns } from "~/features/sync-runs/runs.page.server";

export type { ClientCount } from "@db/queries/overview/overview";

/** How many clients the overview lists; the clients page has them all. */
const CLIENTS_SHOWN = 12;

/** What one glance should tell: connections, fleet, clients, latest runs. Five statements, whatever the size. */
export async function readOverview(db: Db, tenantId: string, now: Date) {
  return withTenant(db, tenantId, async (tx) => {
    const integrations = await readConnectionOverviews(tx, tenantId, now);
    const runs = await latestRuns(tx, tenantId, { limit: 8, withDryRuns: true });
    const fleet = await countFleet(tx, tenantId);
    const clients = await countByClient(tx, tenantId, CLIENTS_SHOWN);
    return { integrations, runs, fleet, clients };
  });
}
