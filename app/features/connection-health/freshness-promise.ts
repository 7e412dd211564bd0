import type { TenantDb } from "@db/client";
import {
  listFullSyncEnds,
  listPromising,
  listTenantsWithPromises,
  readShares,
  recordPromises,
  type PromisingConnection,
} from "@db/queries/overview/freshness-promise";
import { DAY_MS, HOUR_MS } from "@domain/durations";
import { PROMISE_DAYS, promisedHours, samplePromise, type Sampled } from "@domain/freshness-promise";
import { freshnessMessage } from "@domain/notification-text";
import { DEFAULT_RETENTION } from "@domain/retention";
import { emit } from "~/platform/outbox/emit";
import { inTransaction } from "~/platform/outbox/in-transaction";
import { notify } from "~/platform/outbox/notify";
import type { SyncDeps } from "~/platform/ports";

type PromiseDeps = Pick<SyncDeps, "db" | "clock" | "log" | "nudge" | "retention">;

/**
 * Checks whether connections keep their promise of freshness, and sends notices of changes. A tenant that cannot be
 * checked delays no other, and a tenant without a promise costs nothing.
 * @returns how many connections have a promise
 */
export async function samplePromises(deps: PromiseDeps): Promise<number> {
  let sampled = 0;
  for (const tenantId of await listTenantsWithPromises(deps.db)) {
    try {
      sampled += await inTransaction(deps, tenantId, (tx) => sampleTenant(tx, deps, tenantId));
    } catch (error) {
      deps.log.error({ tenantId, err: error }, "the promises of freshness could not be looked at");
    }
  }
  return sampled;
}

/** At most five statements, and those of the notices. */
async function sampleTenant(tx: TenantDb, deps: PromiseDeps, tenantId: string): Promise<number> {
  const connections = await listPromising(tx, tenantId);
  if (connections.length === 0) return 0;
  const now = deps.clock();
  const { retention = DEFAULT_RETENTION } = deps;
  const knownSince = new Date(now.getTime() - retention.runs * DAY_MS);
  const earliest = now.getTime() - PROMISE_DAYS * DAY_MS;
  // A sync that ended before the first missed instant may still confirm it.
  const since = Math.min(
    ...connections.map(
      (one) => Math.max(one.sampledMs ?? now.getTime(), earliest) - promisedHours(one) * HOUR_MS,
    ),
  );
  const ends = await listFullSyncEnds(tx, tenantId, new Date(since));
  const lateSince = (one: PromisingConnection) => now.getTime() - promisedHours(one) * HOUR_MS;
  const late = connections.filter((one) => one.lastFullSyncMs < lateSince(one));
  const shares = await readShares(
    tx,
    tenantId,
    late.map((one) => ({ connectionId: one.id, since: new Date(lateSince(one)) })),
  );
  const results = connections.map((one) => {
    const ofOne = ends.filter(({ connectionId }) => connectionId === one.id).map(({ endedMs }) => endedMs);
    return {
      one,
      sampled: samplePromise({
        percent: one.percent,
        hours: promisedHours(one),
        state: {
          sampledAt: dateOf(one.sampledMs),
          brokenSince: dateOf(one.brokenMs),
          heldSince: dateOf(one.heldMs),
        },
        now,
        knownSince,
        fullSyncs: [...ofOne, one.lastFullSyncMs].sort((a, b) => a - b).map((ms) => new Date(ms)),
        readShare: shares.get(one.id) ?? 0,
      }),
    };
  });
  await recordPromises(
    tx,
    tenantId,
    results.map(({ one, sampled: { state, days } }) => ({ connectionId: one.id, state, days })),
  );
  for (const { one, sampled } of results) await tellOf(tx, tenantId, one, sampled, now);
  return connections.length;
}

async function tellOf(
  tx: TenantDb,
  tenantId: string,
  one: PromisingConnection,
  { tell, state }: Sampled,
  now: Date,
): Promise<void> {
  if (tell === null) return;
  const data = { tenantId, integrationId: one.id, kind: tell };
  await emit(tx, [{ name: eventOf[tell], data }], now);
  const message = freshnessMessage(tell, {
    label: one.label,
    at: state.brokenSince ?? now,
    percent: one.percent,
    hours: promisedHours(one),
    lastFullSyncAt: new Date(one.lastFullSyncMs),
  });
  await notify(tx, tenantId, [{ kind: tell, connectionId: one.id, ...message }], now);
}

const eventOf = {
  freshness_broken: "RMM_FRESHNESS_BROKEN",
  freshness_kept: "RMM_FRESHNESS_KEPT",
} as const;

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
