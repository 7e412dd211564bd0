import type { TenantDb } from "@db/client";
import { keepOurs, takeTheirs } from "@db/queries/assets/differences";
import type { Actor } from "@domain/actor";
import { specificFirst, type MatchingRules } from "@domain/matching-rules";
import type { ConnectionRef } from "@domain/refs";

import { recordResolved } from "./record-resolved";

/** The most values that one statement resolves. */
const BATCH_SIZE = 5_000;

/**
 * Resolves the differences of a connection's devices for which it has a standing rule. A rule about one client comes
 * before one about all clients, and a difference is resolved once. One statement for each rule and those of the audit
 * log.
 * @returns how many values were resolved
 */
export async function applyStandingRules(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  { differences }: MatchingRules,
  actor: Actor,
  now: Date,
): Promise<number> {
  let resolved = 0;
  for (const { field, clientId, keep } of specificFirst(differences)) {
    const selection = {
      filter: { field, clientId: clientId ?? undefined, text: undefined, connectionId },
    };
    for (let isMore = true; isMore;) {
      const assets =
        keep === "theirs"
          ? await takeTheirs(tx, tenantId, selection, BATCH_SIZE, now)
          : await keepOurs(tx, tenantId, selection, BATCH_SIZE);
      await recordResolved(tx, tenantId, assets, keep, actor);
      resolved += assets.length;
      isMore = assets.length === BATCH_SIZE;
    }
  }
  return resolved;
}
