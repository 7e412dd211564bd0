import { readAtOnce, type Db, type TenantDb } from "@db/client";
import { countAlertsByAge, listWorstPatched } from "@db/queries/overview/condition";
import { listLargestClients, readFleet } from "@db/queries/overview/fleet";
import { readFreshness, type FreshnessRow } from "@db/queries/overview/freshness";
import { listPromiseDays, type PromiseHistory } from "@db/queries/overview/freshness-promise";
import { latestRuns } from "@db/queries/sync-runs/run-list";
import { DAY_MS } from "@domain/durations";
import { FRESHNESS_DAYS } from "@domain/freshness";
import { budgetUsed } from "@domain/freshness-promise";
import { groupBy } from "@domain/group-by";
import { readConnectionOverviews } from "~/features/connections/integrations.page.server";
import { readTogether } from "~/platform/live/read-together";

/** The most clients that the overview lists; the clients page has all of them. */
const CLIENTS_SHOWN = 10;
const WORST_SHOWN = 5;

/**
 * The summary of the overview: connections, fleet and its condition, updates, alerts, clients, freshness, latest run.
 * Nine statements, whatever the size, and once for all tabs that ask at the same time. Counting the fleet takes as long
 * as all others together, which are read beside it.
 */
export const readOverview = (db: Db, tenantId: string, now: Date) =>
  readTogether(db, tenantId, "overview", async () => {
    const { fleet: counted, others } = await readAtOnce(db, tenantId, {
      fleet: (tx) => readFleet(tx, tenantId),
      others: (tx) => readOthers(tx, tenantId, now),
    });
    const { condition, ...fleet } = counted;
    return { ...others, fleet, condition };
  });

async function readOthers(tx: TenantDb, tenantId: string, now: Date) {
  const integrations = await readConnectionOverviews(tx, tenantId, now);
  const [latestRun = null] = await latestRuns(tx, tenantId, { limit: 1, withDryRuns: true });
  const alerts = await countAlertsByAge(tx, tenantId, now);
  return {
    integrations,
    latestRun,
    alerts,
    activeAlerts: Object.values(alerts.severities).reduce((sum, n) => sum + n, 0),
    clients: await listLargestClients(tx, tenantId, CLIENTS_SHOWN),
    worstPatched: await listWorstPatched(tx, tenantId, WORST_SHOWN),
    freshness: {
      ...freshnessOf(await readFreshness(tx, tenantId, now), now),
      promises: promisesOf(await listPromiseDays(tx, tenantId, now)),
    },
  };
}

export type Overview = Awaited<ReturnType<typeof readOverview>>;

/**
 * The share of device time that full syncs confirmed, for each of the last 30 days (null for a day without a record),
 * and the clients with the lowest share.
 */
function freshnessOf(rows: FreshnessRow[], now: Date) {
  const byDay = new Map(rows.map(({ day, share }) => [day, share]));
  const days = Array.from({ length: FRESHNESS_DAYS }, (_, n) => {
    const day = new Date(now.getTime() - (FRESHNESS_DAYS - 1 - n) * DAY_MS).toISOString().slice(0, 10);
    return { day, share: byDay.get(day) ?? null };
  });
  const clients = rows.flatMap(({ clientId, client, share }) =>
    clientId !== null && client !== null && share < 1 ? [{ id: clientId, name: client, share }] : [],
  );
  return {
    share: rows.find(({ day, clientId }) => day === null && clientId === null)?.share ?? null,
    days,
    clients: clients.slice(0, WORST_SHOWN),
  };
}

/** The state of each connection's promise: broken ones first, then by used budget. */
function promisesOf(history: readonly PromiseHistory[]) {
  const byConnection = groupBy(history, ({ connectionId }) => connectionId);
  return [...byConnection]
    .map(([id, days]) => ({
      id,
      label: days[0]!.connection,
      isBroken: days[0]!.brokenMs !== null,
      used: budgetUsed(days) ?? 0,
    }))
    .sort((a, b) => Number(b.isBroken) - Number(a.isBroken) || b.used - a.used);
}
