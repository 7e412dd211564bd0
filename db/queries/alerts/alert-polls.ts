import { and, asc, eq, gt, lt, or, sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { rmmAlerts } from "../../schema";
import { listedBy } from "../device-sync/seen-ids";
import { byHash } from "../shared/by-hash";
import { isOfProvider } from "../webhooks/webhook-deliveries";

interface PolledRun {
  id: string;
  tenantId: string;
  connectionId: string;
}

/** Selects alerts by their last report: before a time, or by a clock that ran ahead. */
export interface ReportedBefore {
  before: Date;
  credibleUntil: Date;
}

const isNamed = sql`${rmmAlerts.externalAlertId} like 'automation:%'`;

const wasReportedBefore = ({ before, credibleUntil }: ReportedBefore) =>
  or(lt(rmmAlerts.observedAt, before), gt(rmmAlerts.observedAt, credibleUntil));

/**
 * Active alerts that the run did not see: last reported before it began, and on none of its pages. Ordered by id, after
 * `after`, at most `limit`. Leaves out alerts that are identified by device and name only, because the RMM cannot
 * return those by id.
 */
export const listDoubtfulAlerts = (
  tx: TenantDb,
  run: PolledRun,
  reported: ReportedBefore,
  after: string,
  limit: number,
) =>
  byHash(tx, () =>
    listActive(tx, run, after, limit, [
      wasReportedBefore(reported),
      sql`not ${isNamed}`,
      sql`not exists ${listedBy({ tenantId: run.tenantId, runId: run.id }, "alerts", sql`${rmmAlerts.externalAlertId}`)}`,
    ]),
  );

/**
 * Active alerts that are identified by device and name only, last reported before a time. Ordered by id, after `after`,
 * at most `limit`.
 */
export const listNamedAlerts = (
  tx: TenantDb,
  run: PolledRun,
  reported: ReportedBefore,
  after: string,
  limit: number,
) => listActive(tx, run, after, limit, [wasReportedBefore(reported), isNamed]);

async function listActive(
  tx: TenantDb,
  run: PolledRun,
  after: string,
  limit: number,
  which: (SQL | undefined)[],
) {
  const a = rmmAlerts;
  return tx
    .select({
      externalId: a.externalAlertId,
      externalDeviceId: sql<string>`coalesce(${a.externalDeviceId}, '')`,
      deviceHostname: a.deviceHostname,
      name: a.name,
      description: a.description,
      payload: a.payload,
      severity: a.severity,
      providerSeverity: a.providerSeverity,
      startedAt: a.startedAt,
    })
    .from(a)
    .where(
      and(
        eq(a.tenantId, run.tenantId),
        eq(a.connectionId, run.connectionId),
        eq(a.status, "active"),
        gt(a.externalAlertId, after),
        ...which,
      ),
    )
    .orderBy(asc(a.externalAlertId))
    .limit(limit);
}

/** Adds `found` to the number of changes that the webhook missed, as a comparison of alerts found them. */
export async function countMissedByWebhook(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  found: number,
): Promise<void> {
  await tx.execute(sql`
    update rmm_sync_runs set items_untold = coalesce(items_untold, 0) + ${found}::int
    where tenant_id = ${tenantId} and id = ${runId}`);
}

/** When a connection's webhook first received a delivery; null if it never has. */
export async function firstReceivedAt(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
): Promise<Date | null> {
  const [row] = await queryRows<{ ms: number | null }>(
    tx,
    sql`select (extract(epoch from coalesce(webhook_first_heard_at, (
            select received_at from rmm_webhook_deliveries
            where tenant_id = ${tenantId} and integration_id = ${connectionId} and ${isOfProvider}
            order by received_at limit 1))) * 1000)::float8 as ms
        from rmm_integrations where tenant_id = ${tenantId} and id = ${connectionId}`,
  );
  return row === undefined || row.ms === null ? null : new Date(row.ms);
}

/**
 * Whether a connection's webhook had already received a delivery when a comparison began. If not, it could not report
 * earlier changes, and the comparison cannot tell how many the webhook missed.
 */
export async function wasReceivedBy(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  startedAt: Date | null,
): Promise<boolean> {
  const receivedSince = await firstReceivedAt(tx, tenantId, connectionId);
  return receivedSince !== null && startedAt !== null && receivedSince <= startedAt;
}
