import { withTenant } from "@db/client";
import { countCalls } from "@db/queries/connections/call-budget";
import { noRequests, type RmmProvider } from "~/connectors/rmm-provider";

import type { ProviderRef, SyncDeps } from "./ports";

type CallDeps = Pick<SyncDeps, "db" | "clock" | "log" | "openProvider">;

/**
 * Calls a connection's RMM outside of a run, and adds the calls to the connection's count; runs count their own.
 * @returns what the work returns, even if its calls could not be counted
 * @throws what the work throws, and `RmmError` if there is no key
 */
export async function callRmm<T>(
  deps: CallDeps,
  ref: ProviderRef,
  work: (provider: RmmProvider) => Promise<T>,
  { isScheduled = false } = {},
): Promise<T> {
  const stats = noRequests();
  try {
    return await work(await deps.openProvider(ref, stats));
  } finally {
    const { requests, rateLimits } = stats;
    if (requests > 0)
      await withTenant(deps.db, ref.tenantId, (tx) =>
        countCalls(tx, ref, { requests, rateLimits, isScheduled }, deps.clock()),
      ).catch((error: unknown) => {
        deps.log.warn({ connectionId: ref.connectionId, error: String(error) }, "calls were not counted");
      });
  }
}
