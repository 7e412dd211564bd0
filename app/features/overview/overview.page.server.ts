import { withTenant, type Db } from "@db/client";
import { countAlertsBySeverity, countCondition } from "@db/queries/overview/condition";
import { countFleet, countByClient } from "@db/queries/overview/overview";
import { latestRuns } from "@db/queries/sync-runs/run-list";
import { readConnectionOverviews } from "~/features/connections/integrations.page.server";

export type { ClientCount } from "@db/queries/overview/overview";

/** How many clients the overview lists; the clients page has them all. */
const CLIENTS_SHOWN = 12;

/** What one glance should tell: connections, fleet and its condition, alerts, clients, latest runs. Seven statements, whatever the size. */
export async function readOverview(db: Db, tenantId: string, now: Date) {
  return withTenant(db, tenantId, async (tx) => {
    const integrations = await readConnectionOverviews(tx, tenantId, now);
    const runs = await latestRuns(tx, tenantId, { limit: 8, withDryRuns: true });
    const fleet = await countFleet(tx, tenantId);
    const clients = await countByClient(tx, tenantId, CLIENTS_SHOWN);
    const condition = await countCondition(tx, tenantId);
    const alerts = await countAlertsBySeverity(tx, tenantId);
    return { integrations, runs, fleet, clients, condition, alerts };
  });
}

export type Overview = Awaited<ReturnType<typeof readOverview>>;
