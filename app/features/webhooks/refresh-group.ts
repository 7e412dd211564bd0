import type { TenantDb } from "@db/client";
import { lockIntegration } from "@db/queries/connections/connections";
import { markGroupGone, upsertGroups } from "@db/queries/device-sync/groups";
import { areGroupsBeingRead, countGroupsToRefresh } from "@db/queries/webhooks/refresh-requests";
import { GROUPS_BY_ID_AT_MOST, REFRESH_WINDOW_MS } from "@domain/refresh-limits";
import type { GroupSnapshot } from "@domain/snapshots";
import { isRmmError } from "~/connectors/rmm-error";
import type { Fetched } from "~/connectors/rmm-provider";
import { derivePaths } from "~/features/device-sync/groups";
import { callRmm } from "~/platform/call-rmm";
import { emit } from "~/platform/outbox/emit";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

import { findFollowed, MAX_WAITS, waitMsAfter, type RefreshRequest, type Steps } from "./run-refresh";

export interface GroupRefresh extends RefreshRequest {
  externalGroupId: string;
}

type Look =
  | { state: "written" }
  | { state: "gone" }
  /** Other groups changed too, or may have, so all groups are listed again. */
  | { state: "left_to_groups_sync" }
  /**
   * A run is reading the groups: it may have read them before the request, and will write them later. Or the provider
   * asks to wait this long.
   */
  | { state: "wait"; waitMs: number }
  /** The provider refused, or its answer cannot be read. The next sweep reports why, and what to do. */
  | { state: "refused" }
  | { state: "not_followed" };

const MAX_WAIT_MS = 60 * 60_000;

/**
 * Reads a group by its id and writes it as a sweep does, or marks it as gone.
 * @returns the outcome, for the durable function's result
 * @throws errors that a retry may cure: network, database
 */
export async function refreshGroup(
  deps: SyncDeps,
  { step, sleep }: Steps,
  request: GroupRefresh,
): Promise<{ state: string }> {
  for (let looks = 0; ; looks++) {
    const look = await step(`look-${looks}`, () => lookAtGroup(deps, request));
    if (look.state !== "wait" || looks === MAX_WAITS) return { state: look.state };
    await sleep(`wait-${looks}`, Math.max(look.waitMs, waitMsAfter(looks)));
  }
}

async function lookAtGroup(deps: SyncDeps, request: GroupRefresh): Promise<Look> {
  const { tenantId, connectionId, externalGroupId } = request;
  const found = await inTransaction(deps, tenantId, async (tx) => {
    const integration = await findFollowed(tx, request);
    if (integration === undefined) return { state: "not_followed" } as const;
    const since = new Date(deps.clock().getTime() - REFRESH_WINDOW_MS);
    const isOneOfMany = (await countGroupsToRefresh(tx, request, since)) > GROUPS_BY_ID_AT_MOST;
    if (isOneOfMany) return leaveToGroupsSync(deps, tx, request);
    return { state: "ask", provider: integration.provider } as const;
  });
  if (found.state !== "ask") return found;
  try {
    const fetched = await callRmm(deps, { tenantId, connectionId, provider: found.provider }, (provider) =>
      provider.getGroup(externalGroupId),
    );
    if (fetched.state === "unreadable") {
      deps.log.warn({ connectionId, issues: fetched.issues }, "a group could not be read");
      return { state: "refused" };
    }
    return await inTransaction(deps, tenantId, (tx) => write(deps, tx, request, fetched));
  } catch (error) {
    // Thrown if a retry may cure it: network, database.
    if (!isRmmError(error) || error.code === "unreachable") throw error;
    if (error.code === "rate_limited") {
      return { state: "wait", waitMs: Math.min(error.retryAfterMs ?? 60_000, MAX_WAIT_MS) };
    }
    deps.log.warn({ connectionId, code: error.code, error: error.message }, "a group could not be looked at");
    return { state: "refused" };
  }
}

async function write(
  deps: SyncDeps,
  tx: TenantDb,
  request: GroupRefresh,
  fetched: Exclude<Fetched<GroupSnapshot>, { state: "unreadable" }>,
): Promise<Look> {
  const { tenantId, connectionId, externalGroupId } = request;
  const now = deps.clock();
  // The lock keeps two refreshes from deriving the paths at once, which follow from all groups.
  const integration = await lockIntegration(tx, tenantId, connectionId);
  if (integration === undefined || integration.status === "disconnected") return { state: "not_followed" };
  if (await areGroupsBeingRead(tx, request)) return { state: "wait", waitMs: 0 };
  if (fetched.state === "gone") {
    await markGroupGone(tx, tenantId, connectionId, externalGroupId, now);
  } else {
    await upsertGroups(tx, tenantId, connectionId, [fetched.item], now);
  }
  const groups = await derivePaths(tx, tenantId, connectionId, now);
  const alive = groups.filter((group) => group.goneAt === null);
  if (fetched.state === "gone") {
    const hasChildren = alive.some((group) => group.parentExternalId === externalGroupId);
    return hasChildren ? leaveToGroupsSync(deps, tx, request) : { state: "gone" };
  }
  const { parentExternalId } = fetched.item;
  const isParentKnown =
    parentExternalId === null || alive.some((group) => group.externalId === parentExternalId);
  return isParentKnown ? { state: "written" } : leaveToGroupsSync(deps, tx, request);
}

async function leaveToGroupsSync(deps: SyncDeps, tx: TenantDb, request: GroupRefresh): Promise<Look> {
  const { tenantId, connectionId, reason } = request;
  const event = {
    name: "rmm/groups.sync.requested",
    data: { tenantId, integrationId: connectionId, reason },
  } as const;
  await emit(tx, [event], deps.clock());
  return { state: "left_to_groups_sync" };
}
