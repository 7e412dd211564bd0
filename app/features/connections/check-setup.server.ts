import { withTenant } from "@db/client";
import { getIntegration, lockIntegration } from "@db/queries/connections/connections";
import type { ConnectionRef } from "@domain/refs";
import { syncResources, type SyncResource } from "@domain/sync-words";
import type { ProviderPage, RmmProvider, WalkOptions } from "~/connectors/rmm-provider";
import { withDeadline } from "~/connectors/with-deadline";
import { describeFailure } from "~/features/sync-execution/end-run";
import type { Actor } from "@domain/actor";
import { callRmm } from "~/platform/call-rmm";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

import { resume } from "./resume";

/** The result of reading one record of a resource. */
export type Probe = { resource: SyncResource } & (
  | {
      state: "ok";
      /** The account has no such records yet. */
      isEmpty: boolean;
    }
  | { state: "failed"; message: string; hint: string }
);

type Untestable = { state: "unknown_integration" } | { state: "disconnected" };

export type CheckSetupOutcome = { state: "checked"; probes: Probe[] } | Untestable;

const lookAt: Record<
  SyncResource,
  (provider: RmmProvider, walk: WalkOptions) => AsyncIterable<ProviderPage<unknown>>
> = {
  groups: (provider, walk) => provider.listGroups(walk),
  devices: (provider, walk) => provider.listDevices({}, walk),
  updates: (provider, walk) => provider.listUpdates({ status: "available" }, walk),
  alerts: (provider, walk) => provider.listAlerts({}, walk),
};

/**
 * Reads one record of each resource that a sync reads, with one call each. Writes only the number of calls.
 * @returns a result per resource, or why the connection cannot be tested
 */
export async function checkSetup(deps: SyncDeps, ref: ConnectionRef): Promise<CheckSetupOutcome> {
  return withConnection(deps, ref, async (call) => ({
    state: "checked",
    probes: await Promise.all(
      syncResources.map(async (resource): Promise<Probe> => {
        const outcome = await timed((signal) =>
          call(async (provider) => {
            for await (const page of lookAt[resource](provider, { pageSize: 1, signal }))
              return page.idsSeen.length === 0;
            return true;
          }),
        );
        return outcome.ok
          ? { resource, state: "ok", isEmpty: outcome.value }
          : { resource, state: "failed", message: outcome.message, hint: outcome.hint };
      }),
    ),
  }));
}

export type TestConnectionOutcome =
  { state: "ok"; tookMs: number } | { state: "failed"; message: string; hint: string } | Untestable;

/**
 * Makes the cheapest call with the stored key. If it succeeds, a connection whose key was refused resumes; a failure
 * changes nothing, because it may be the network's.
 * @returns how long the call took in ms, or why it failed
 */
export async function testConnection(
  deps: SyncDeps,
  ref: ConnectionRef,
  actor: Actor,
): Promise<TestConnectionOutcome> {
  return withConnection(deps, ref, async (call) => {
    const startedAt = performance.now();
    const outcome = await timed(() => call((provider) => provider.testConnection()));
    if (!outcome.ok) return { state: "failed", message: outcome.message, hint: outcome.hint };
    const tookMs = Math.round(performance.now() - startedAt);
    await goOn(deps, ref, actor);
    return { state: "ok", tookMs };
  });
}

/** Resumes a connection whose key was refused, beginning with what it missed. */
async function goOn(deps: SyncDeps, { tenantId, connectionId }: ConnectionRef, actor: Actor): Promise<void> {
  await inTransaction(deps, tenantId, async (tx) => {
    const before = await lockIntegration(tx, tenantId, connectionId);
    if (before?.status !== "needs_attention") return;
    await resume(tx, deps, before, { status: "active", statusReason: null }, actor);
  });
}

async function withConnection<T>(
  deps: SyncDeps,
  { tenantId, connectionId }: ConnectionRef,
  work: (call: <A>(ask: (provider: RmmProvider) => Promise<A>) => Promise<A>) => Promise<T>,
): Promise<T | Untestable> {
  const integration = await withTenant(deps.db, tenantId, (tx) => getIntegration(tx, tenantId, connectionId));
  if (integration === undefined) return { state: "unknown_integration" };
  if (integration.status === "disconnected") return { state: "disconnected" };
  const { provider } = integration;
  return work((ask) => callRmm(deps, { tenantId, connectionId, provider }, ask));
}

type Timed<T> = { ok: true; value: T } | { ok: false; message: string; hint: string };

/** Runs a call with a deadline and describes its error for a person. */
async function timed<T>(look: (signal: AbortSignal) => Promise<T>): Promise<Timed<T>> {
  try {
    return { ok: true, value: await withDeadline(look) };
  } catch (error) {
    const { message, hint } = describeFailure(error);
    return { ok: false, message, hint };
  }
}
