import { withTenant } from "@db/client";
import { getIntegration } from "@db/queries/connections/connections";
import { listPromiseDays, type PromiseHistory } from "@db/queries/overview/freshness-promise";
import { promiseValues } from "@domain/form-values";
import { budgetUsed, lastDays, promisedHours } from "@domain/freshness-promise";
import type { ConnectionRef } from "@domain/refs";
import { shownVersion } from "@domain/shown-version";
import type { SyncDeps } from "~/platform/ports";

/** A connection's promise of freshness and its state; null if there is no such connection. Two statements. */
export async function readPromise(
  { db, clock }: Pick<SyncDeps, "db" | "clock">,
  { tenantId, connectionId }: ConnectionRef,
) {
  return withTenant(db, tenantId, async (tx) => {
    const connection = await getIntegration(tx, tenantId, connectionId);
    if (connection === undefined) return null;
    const history = await listPromiseDays(tx, tenantId, clock(), connectionId);
    return {
      connection: { id: connection.id, name: connection.label },
      /** Null if nothing is promised. */
      percent: connection.promisedPercent,
      /** The hours that a person chose; null follows the schedule. */
      chosenHours: connection.promisedHours,
      hours: promisedHours(connection),
      /** Without automatic full syncs there is no promise. */
      isOn: connection.promisedPercent !== null && connection.fullSyncEnabled,
      version: shownVersion(promiseValues(connection)),
      ...standing(history),
      days: lastDays(history, clock()),
    };
  });
}

export type FreshnessPromise = NonNullable<Awaited<ReturnType<typeof readPromise>>>;

const standing = (history: readonly PromiseHistory[]) => {
  const brokenMs = history[0]?.brokenMs ?? null;
  return { used: budgetUsed(history), brokenSince: brokenMs === null ? null : new Date(brokenMs) };
};
